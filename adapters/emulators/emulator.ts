import type { CreateDevice, EmulatedDevice, PlayedSignal } from './device.js';
import { openPseudoTerminal, type PseudoTerminal } from './pseudo-terminal.js';

/** Samples of about so long go out together, when the last of them is there; how many, differs from time to time. */
const CHUNK_MS = 8;
/** What a reader may be late by before bytes are lost, seconds. */
const KEEP_SECONDS = 1.5;
/** Samples that are late after a halt of this process come at most this fast: times the rate. */
const CATCH_UP = 8;

export interface EmulatorOptions {
  readonly createDevice: CreateDevice;
  readonly signal: PlayedSignal;
  /** Where the port's symbolic link goes; left out, the port has only the name that the system gives it. */
  readonly link?: string | undefined;
}

/**
 * A device on a pseudo-terminal that plays a signal by the host's clock, and can be ill-treated as cables and radios do. The
 * signal begins when the device first streams; from then on it goes its way, whether anybody listens or not.
 */
export class Emulator {
  readonly device: EmulatedDevice;
  readonly #options: EmulatorOptions;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #terminal: PseudoTerminal | undefined;
  #ticking: ReturnType<typeof setTimeout> | undefined;
  /** When the signal began. */
  #originMs: number | undefined;
  #nTaken = 0;
  #nToLose = 0;
  #isSilent = false;
  #onEnd: () => void = () => undefined;
  /** Settles when the signal is over. */
  readonly ended = new Promise<void>((resolve) => {
    this.#onEnd = resolve;
  });

  constructor(options: EmulatorOptions) {
    this.#options = options;
    this.device = options.createDevice((bytes, delayMs) => {
      this.#answer(bytes, delayMs);
    });
  }

  /** Opens the port. @returns its path @throws ChirpdError ADAPTER_PSEUDO_TERMINAL */
  async start(): Promise<string> {
    const { link } = this.#options;
    this.#terminal = await openPseudoTerminal({
      keepBytes: Math.ceil(this.device.bytesPerSecond * KEEP_SECONDS),
      link,
      onBytes: (bytes) => {
        this.device.receive(bytes);
      },
    });
    this.#ticking ??= setTimeout(this.#tick, CHUNK_MS);
    return link ?? this.#terminal.path;
  }

  /** The radio is out: nothing arrives, the board goes on. */
  pause(): void {
    this.#isSilent = true;
  }

  resume(): void {
    this.#isSilent = false;
  }

  /** The next packets do not arrive. */
  lose(nPackets: number): void {
    this.#nToLose += nPackets;
  }

  /** Bytes that belong to nothing, on the line now. */
  inject(bytes: Uint8Array): void {
    this.#terminal?.write(bytes);
  }

  /** The cable is pulled. The board itself goes on. */
  async hangUp(): Promise<void> {
    const terminal = this.#terminal;
    this.#terminal = undefined;
    await terminal?.close();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#ticking);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#options.signal.close();
    await this.hangUp();
  }

  readonly #tick = (): void => {
    const { device } = this;
    if (device.isStreaming) this.#originMs ??= performance.now();
    this.#play();
    const nChunk = Math.ceil(Math.random() * 2 * ((CHUNK_MS * device.sampleRate) / 1000));
    const dueMs = ((this.#nTaken + nChunk) / device.sampleRate) * 1000;
    const waitMs = this.#originMs === undefined ? CHUNK_MS : this.#originMs + dueMs - performance.now();
    this.#ticking = setTimeout(this.#tick, Math.max(1, Math.ceil(waitMs)));
  };

  /** Lets the device take the samples that are due. */
  #play(): void {
    if (this.#originMs === undefined) return;
    const { device } = this;
    const nDue = Math.floor(((performance.now() - this.#originMs) / 1000) * device.sampleRate);
    const nNow = Math.min(nDue - this.#nTaken, Math.ceil((CATCH_UP * CHUNK_MS * device.sampleRate) / 1000));
    const chunks: Uint8Array[] = [];
    for (let i = 0; i < nNow; i++) {
      const sample = this.#options.signal.next();
      if (sample === undefined) break;
      if (sample === 'end') {
        this.#onEnd();
        break;
      }
      this.#nTaken++;
      const bytes = device.next(sample);
      if (bytes === undefined) continue;
      if (this.#nToLose > 0) this.#nToLose--;
      else if (!this.#isSilent) chunks.push(bytes);
    }
    if (chunks.length > 0) this.#terminal?.write(Buffer.concat(chunks));
  }

  #answer(bytes: Uint8Array, delayMs: number): void {
    const send = (): void => {
      if (!this.#isSilent) this.#terminal?.write(bytes);
    };
    if (delayMs === 0) {
      send();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      send();
    }, delayMs);
    this.#timers.add(timer);
  }
}
