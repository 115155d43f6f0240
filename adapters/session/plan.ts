import { firstValueFrom, type Observable } from 'rxjs';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { AdapterItem, StreamInfo } from '../../pipelines/core/signal.js';
import type { OpenContext } from '../adapter.js';
import { fullSpeedPacer } from '../pacer.js';
import type { SessionFile } from './options.js';

/** Opens an adapter by its kind, as the registry does. */
export type OpenAdapter = (kind: string, options: unknown, context: OpenContext) => Promise<Observable<AdapterItem>>;

/** One file in its place. */
export interface SessionPiece {
  readonly file: SessionFile;
  readonly info: StreamInfo;
  /** Of the session, at which the file begins. */
  readonly firstSample: number;
}

export interface SessionPlan {
  /** Of the whole: the first file's channels and start. */
  readonly info: StreamInfo;
  /** In the order of time. */
  readonly pieces: readonly SessionPiece[];
}

/** Headers tell whole seconds: a file that begins this much before the end of the one before it follows it directly. */
const LONGEST_OVERLAP_SECONDS = 1;

/**
 * Reads what each file is and puts them in the order of their start times.
 * @throws ChirpdError RECORDING_SESSION_MIXED (other channels or another rate), RECORDING_SESSION_ORDER (files that hold
 * the same time), and what an adapter says is wrong with a file
 */
export async function planSession(files: readonly SessionFile[], open: OpenAdapter): Promise<SessionPlan> {
  const found: { readonly file: SessionFile; readonly info: StreamInfo }[] = [];
  for (const file of files) found.push({ file, info: await infoOf(file, open) });
  found.sort((a, b) => a.info.startTimeMicros - b.info.startTimeMicros);
  const first = found[0]!;
  const pieces: SessionPiece[] = [];
  for (const { file, info } of found) {
    checkAlike(first, { file, info });
    const micros = info.startTimeMicros - first.info.startTimeMicros;
    const byClock = Math.round((micros / 1e6) * info.sampleRate);
    const before = pieces.at(-1);
    pieces.push({
      file,
      info,
      firstSample: before === undefined ? 0 : placeAfter(before, endOf(before), file, byClock),
    });
  }
  const last = pieces.at(-1)!;
  const nSamplesTotal = endOf(last);
  if (pieces.length === 1) return { info: first.info, pieces };
  const source = `${first.info.source} and ${String(pieces.length - 1)} more`;
  // Where the last file does not say how long it is, the first one's length is not the whole's.
  const { channels, leftOut, sampleRate, startTimeMicros, synthetic, device } = first.info;
  const info: StreamInfo = {
    type: 'info',
    channels,
    leftOut,
    sampleRate,
    startTimeMicros,
    source,
    ...(device && { device }),
    ...(nSamplesTotal !== undefined && { nSamplesTotal }),
    ...(synthetic !== undefined && { synthetic }),
  };
  return { info, pieces };
}

/**
 * Where a file begins that lies at sample `byClock` by its start time, after one that has ended at sample `end`
 * (undefined: that is not known yet).
 * @throws ChirpdError RECORDING_SESSION_ORDER
 */
export function placeAfter(before: SessionPiece, end: number | undefined, file: SessionFile, byClock: number): number {
  if (end === undefined || byClock >= end) return byClock;
  const seconds = (end - byClock) / before.info.sampleRate;
  if (seconds <= LONGEST_OVERLAP_SECONDS) return end;
  const message = `${file.path}: begins ${seconds.toFixed(1)} s before the end of ${before.file.path}, so the two do not follow each other. Replay them apart, or give their files the right start times`;
  throw new ChirpdError('RECORDING_SESSION_ORDER', message);
}

/** Undefined where the file does not say how long it is. */
function endOf({ info, firstSample }: SessionPiece): number | undefined {
  return info.nSamplesTotal === undefined ? undefined : firstSample + info.nSamplesTotal;
}

async function infoOf({ kind, ...options }: SessionFile, open: OpenAdapter): Promise<StreamInfo> {
  const item = await firstValueFrom(await open(kind, options, { pacer: fullSpeedPacer() }));
  if (item.type === 'info') return item;
  throw new ChirpdError('ADAPTER_FAILED', `${options.path}: does not begin with what it is`);
}

function checkAlike(
  first: { readonly file: SessionFile; readonly info: StreamInfo },
  other: { readonly file: SessionFile; readonly info: StreamInfo },
): void {
  const [wanted, has] = [first.info, other.info].map(({ channels }) => channels.map(({ label }) => label).join(' '));
  const differs =
    first.info.sampleRate !== other.info.sampleRate
      ? `has ${String(other.info.sampleRate)} samples a second, ${first.file.path} has ${String(first.info.sampleRate)}`
      : wanted !== has
        ? `has the channels ${has ?? ''}, ${first.file.path} has ${wanted ?? ''}`
        : '';
  if (differs === '') return;
  const message = `${other.file.path}: ${differs}, so they are not parts of one session. Replay them apart`;
  throw new ChirpdError('RECORDING_SESSION_MIXED', message);
}
