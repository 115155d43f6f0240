import { Observable, type Subscriber } from 'rxjs';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import { SilenceWatch } from '../silence-watch.js';
import { openSerialLine, type SerialLine } from './line.js';

/** One subscription's conversation with a device. */
export interface SerialTalk {
  /** Takes what the device sends. @returns whether there was a packet in it */
  receive(bytes: Uint8Array, hostMicros: number): boolean;
  /** Speaks with the device until it streams. Absent: it streams by itself. */
  start?(line: SerialLine, signal: AbortSignal): Promise<void>;
  /** Called a few times a second. */
  tick?(hostMicros: number): void;
  /** The device is lost: emits what came before. */
  end?(): void;
  /** Last words to a device that is still there. */
  readonly farewell?: Uint8Array;
}

export interface SerialStreamOptions {
  readonly port: string;
  readonly baudRate: number;
  /** Without a packet for so long the stream ends with an error. */
  readonly silenceSeconds: number;
  /** What is said in messages, such as `Cyton`. */
  readonly model: string;
  readonly createTalk: (emit: (item: AdapterItem) => void) => SerialTalk;
}

const TICK_MS = 100;

/**
 * A cold stream from a device on a serial port: opens the port, lets the talk speak, and ends with ADAPTER_SERIAL_OPEN,
 * ADAPTER_SERIAL_BUSY, ADAPTER_SERIAL_LOST, ADAPTER_SILENT, ADAPTER_NOT_UNDERSTOOD, or what the talk throws.
 */
export function serialStream(options: SerialStreamOptions): Observable<AdapterItem> {
  return new Observable((subscriber) => {
    const stream = new SerialStream(options, subscriber);
    void stream.run();
    return () => {
      stream.stop();
    };
  });
}

class SerialStream {
  readonly #options: SerialStreamOptions;
  readonly #subscriber: Subscriber<AdapterItem>;
  readonly #talk: SerialTalk;
  readonly #stopping = new AbortController();
  readonly #silence: SilenceWatch;
  #line: SerialLine | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #nBytesSincePacket = 0;

  constructor(options: SerialStreamOptions, subscriber: Subscriber<AdapterItem>) {
    this.#options = options;
    this.#subscriber = subscriber;
    this.#silence = new SilenceWatch({
      limitMs: options.silenceSeconds * 1000,
      onSilent: () => {
        this.#fail(this.#silenceError());
      },
    });
    this.#talk = options.createTalk((item) => {
      subscriber.next(item);
    });
  }

  async run(): Promise<void> {
    const { port, baudRate } = this.#options;
    try {
      // As for every adapter: nothing comes before subscribing has returned.
      await Promise.resolve();
      if (this.#stopping.signal.aborted) return;
      const line = await openSerialLine({ path: port, baudRate, onBytes: this.#receive, onLost: this.#fail });
      this.#line = line;
      if (this.#stopping.signal.aborted) {
        await line.close();
        return;
      }
      await this.#talk.start?.(line, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      this.#silence.start();
      this.#timer = setInterval(this.#tick, TICK_MS);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Idempotent: by the subscriber's leaving, or after an error. */
  stop(): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    clearInterval(this.#timer);
    this.#silence.stop();
    if (this.#line !== undefined) void this.#closeLine(this.#line);
  }

  async #closeLine(line: SerialLine): Promise<void> {
    const { farewell } = this.#talk;
    // A port that takes no more bytes must not keep it open.
    if (farewell !== undefined) await Promise.race([line.write(farewell).catch(() => undefined), pause(TICK_MS)]);
    await line.close();
  }

  readonly #receive = (bytes: Uint8Array, hostMicros: number): void => {
    if (this.#stopping.signal.aborted) return;
    try {
      if (this.#talk.receive(bytes, hostMicros)) {
        this.#silence.heard();
        this.#nBytesSincePacket = 0;
      } else {
        this.#nBytesSincePacket += bytes.length;
      }
    } catch (error) {
      this.#fail(error);
    }
  };

  readonly #tick = (): void => {
    try {
      this.#talk.tick?.(this.#line!.nowMicros());
    } catch (error) {
      this.#fail(error);
    }
  };

  #silenceError(): ChirpdError {
    const { port, model, silenceSeconds } = this.#options;
    const seconds = `${String(silenceSeconds)} s`;
    return this.#nBytesSincePacket > 200
      ? new ChirpdError(
          'ADAPTER_NOT_UNDERSTOOD',
          `what ${port} sends has held no packet of a ${model} for ${seconds}: is it another device, or another kind?`,
        )
      : new ChirpdError(
          'ADAPTER_SILENT',
          `the ${model} on ${port} has sent nothing for ${seconds}: look at its power, its battery and the radio`,
        );
  }

  readonly #fail = (error: unknown): void => {
    if (this.#stopping.signal.aborted) return;
    this.#talk.end?.();
    this.stop();
    this.#subscriber.error(error);
  };
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
