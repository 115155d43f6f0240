import { createSocket, type Socket } from 'node:dgram';
import { lslClock } from './lsl-clock.js';
import { formatTimeQuestion, offsetOf, parseTimeAnswer, type ClockOffset } from './time-service.js';

/** As liblsl does: from wave to wave, probes in a wave, from probe to probe, answers needed, longest round trip. */
const WAVE_MS = 2000;
const N_PROBES = 8;
const PROBE_MS = 64;
const N_NEEDED = 6;
const MAX_ROUND_TRIP_SECONDS = 0.128;

/**
 * Follows the offset between two LSL clocks by asking the time service of an outlet. Of the answers in a wave, the one
 * with the shortest round trip counts. Ends when `stop` is called.
 */
export class ClockOffsetProbe {
  readonly #address: string;
  readonly #port: number;
  readonly #onOffset: (offset: ClockOffset) => void;
  readonly #socket: Socket = createSocket('udp4');
  #timer: NodeJS.Timeout | undefined;
  #wave = 0;
  #nSent = 0;
  #offsets: ClockOffset[] = [];
  #isTold = false;
  #offset: ClockOffset | undefined;

  /** @param onOffset called with each new offset; the first is there about a third of a second after the start */
  constructor(address: string, port: number, onOffset: (offset: ClockOffset) => void = () => undefined) {
    this.#address = address;
    this.#port = port;
    this.#onOffset = onOffset;
    this.#socket.on('error', () => undefined);
    this.#socket.on('message', (message) => {
      this.#receive(message.toString('latin1'));
    });
    this.#startWave();
  }

  /** The newest one; undefined before the first. */
  get offset(): ClockOffset | undefined {
    return this.#offset;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#socket.close();
  }

  #startWave(): void {
    this.#wave = Math.floor(Math.random() * 2 ** 31);
    this.#nSent = 0;
    this.#offsets = [];
    this.#isTold = false;
    this.#probe();
  }

  #probe(): void {
    this.#nSent++;
    this.#socket.send(formatTimeQuestion(this.#wave, lslClock()), this.#port, this.#address);
    const isLast = this.#nSent === N_PROBES;
    this.#timer = setTimeout(
      () => {
        if (isLast) this.#startWave();
        else this.#probe();
      },
      isLast ? WAVE_MS - (N_PROBES - 1) * PROBE_MS : PROBE_MS,
    );
  }

  #receive(text: string): void {
    const arrivedAt = lslClock();
    const answer = parseTimeAnswer(text);
    if (answer?.wave !== this.#wave) return;
    const offset = offsetOf(answer, arrivedAt);
    if (offset.roundTripSeconds < -1e-4 || offset.roundTripSeconds > MAX_ROUND_TRIP_SECONDS) return;
    this.#offsets.push(offset);
    if (this.#offsets.length < N_NEEDED) return;
    const best = this.#offsets.reduce((a, b) => (b.roundTripSeconds < a.roundTripSeconds ? b : a));
    // Later answers of the same wave may be better still.
    if (this.#isTold && best === this.#offset) return;
    this.#isTold = true;
    this.#offset = best;
    this.#onOffset(best);
  }
}
