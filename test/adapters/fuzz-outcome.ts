import type { Observable } from 'rxjs';
import { errorText, isChirpdError } from '../../pipelines/core/errors.js';
import type { AdapterItem, StreamInfo } from '../../pipelines/core/signal.js';
import { contractBreach } from './conformance.js';

export interface FuzzReport {
  readonly nFiles: number;
  /** Files that streamed to their end without an error. */
  readonly nRead: number;
  /** Files refused, or ended by an error, per code. */
  readonly refusedByCode: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  /** Heap and buffers at the end, less those after the first tenth, garbage collected, bytes. */
  readonly growthBytes: number;
}

const TIMEOUT_MS = 5000;

/** Everything a damaged recording gave, and how it ended. */
export interface FuzzOutcome {
  readonly items: readonly AdapterItem[];
  readonly error: unknown;
}

/** @throws Error where nothing ends the stream within 5 s */
export async function streamed(stream: Observable<AdapterItem>): Promise<FuzzOutcome> {
  return new Promise((resolve, reject) => {
    const items: AdapterItem[] = [];
    const subscription = stream.subscribe({
      next: (item) => items.push(item),
      error: (error: unknown) => {
        clearTimeout(timer);
        resolve({ items, error });
      },
      complete: () => {
        clearTimeout(timer);
        resolve({ items, error: undefined });
      },
    });
    const timer = setTimeout(() => {
      subscription.unsubscribe();
      reject(new Error(`hangs after ${items.length} items`));
    }, TIMEOUT_MS);
  });
}

/**
 * Why an outcome is wrong, or undefined: it reads to the end, or is refused with a coded error, and keeps the contract.
 * @param areas of the codes that the adapter may refuse with
 */
export function fault({ items, error }: FuzzOutcome, areas: readonly string[]): string | undefined {
  const isRefused = error !== undefined;
  if (isRefused && !(isChirpdError(error) && areas.some((area) => error.code.startsWith(`${area}_`))))
    return `not a coded error: ${errorText(error)}`;
  if (items.length === 0) return isRefused ? undefined : 'neither items nor an error';
  // A damaged end may say another length than what lies before it comes to.
  const [first, ...rest] = items;
  if (first?.type !== 'info') return 'no StreamInfo';
  const info: { -readonly [Key in keyof StreamInfo]: StreamInfo[Key] } = { ...first };
  delete info.nSamplesTotal;
  return contractBreach([info, ...rest]);
}
