import { decodeSpectrogramHistory } from '../../daemon/protocol/codec.js';
import type { SpectrogramHistory } from '../../daemon/protocol/messages.js';
import type { BedModel } from './bedModel.js';

/** Answers that are awaited at a time: each is up to a megabyte. */
const MAXIMUM_READING = 3;
const RETRY_MS = 3000;
/** A connection that died without a word must not keep the place of those that live. */
const TIMEOUT_MS = 10_000;

/** Reads the newest columns of a bed and band profile. */
export type ReadSpectrogram = (bed: string, profile: string) => Promise<SpectrogramHistory>;

interface Request {
  readonly profile: string;
  isReading: boolean;
  isDone: boolean;
  retryAtMs: number;
}

/**
 * Gets the columns that came before each bed's live ones, once after every subscription, stream and choice of profile.
 * It asks only while subscribed: an answer given later overlaps with what comes live, so that no column is missed.
 */
export class ColumnHistory {
  readonly #read: ReadSpectrogram;
  #requests = new Map<string, Request>();
  #nReading = 0;
  #isSubscribed = false;

  constructor(read: ReadSpectrogram) {
    this.#read = read;
  }

  /** A connection begins: answers of the one before it, perhaps of another daemon, are not taken any more. */
  hold(): void {
    this.#isSubscribed = false;
    this.#requests = new Map();
  }

  /** Live columns come from now on. */
  begin(): void {
    this.#isSubscribed = true;
    this.#requests = new Map();
  }

  /** The bed's stream began anew. */
  forget(bed: string): void {
    this.#requests.delete(bed);
  }

  /** Asks for the columns of a bed that is seen and has not got them. */
  refresh(bed: BedModel, nowMs: number): void {
    if (!this.#isSubscribed || !bed.isShown || !bed.isDescribed || bed.profile === '') return;
    let request = this.#requests.get(bed.name);
    if (request?.profile !== bed.profile) {
      request = { profile: bed.profile, isReading: false, isDone: false, retryAtMs: 0 };
      this.#requests.set(bed.name, request);
    }
    if (request.isDone || request.isReading || nowMs < request.retryAtMs || this.#nReading >= MAXIMUM_READING) return;
    void this.#ask(bed, request);
  }

  async #ask(bed: BedModel, request: Request): Promise<void> {
    request.isReading = true;
    this.#nReading++;
    try {
      const history = await this.#read(bed.name, request.profile);
      if (this.#requests.get(bed.name) === request) bed.addHistory(history);
      request.isDone = true;
    } catch {
      // The daemon may be away: the connection says so, and this asks again.
      request.retryAtMs = performance.now() + RETRY_MS;
    }
    request.isReading = false;
    this.#nReading--;
  }
}

/** `GET /v1/beds/{bed}/spectrogram` */
export const readSpectrogram: ReadSpectrogram = async (bed, profile) => {
  const query = new URLSearchParams({ profile });
  const response = await fetch(`/v1/beds/${encodeURIComponent(bed)}/spectrogram?${query.toString()}`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    priority: 'low',
  });
  if (!response.ok) throw new Error(`the daemon answered ${String(response.status)}`);
  return decodeSpectrogramHistory(new Uint8Array(await response.arrayBuffer()));
};
