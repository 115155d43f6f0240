import { ChirpdError } from '../../pipelines/core/errors.js';
import type { AdapterItem, ElectrodeContact } from '../../pipelines/core/signal.js';
import type { SerialLine } from '../serial/line.js';
import type { SerialTalk } from '../serial/stream.js';
import { BoardAnswers } from './answers.js';
import { CHANNEL_CODES } from './board.js';
import { createImpedanceMeter } from './impedance.js';
import type { CytonOptions, ImpedanceOptions } from './options.js';
import { CytonSamples, type CytonSample } from './samples.js';
import { type CytonChannel, type ReadyBoard, startBoard } from './start.js';
import { CytonStream } from './stream.js';

/** A channel's measurement before the stream: a second, and what the board needs to begin. */
const MEASURE_TIMEOUT_MS = 4000;
/** The converter's filter settles first, and so does the electrode under the current. */
const SETTLE_SAMPLES = 32;

/** The conversation with one board: text until it streams, then packets. */
export class CytonTalk implements SerialTalk {
  readonly farewell = Buffer.from('s');
  readonly #options: CytonOptions;
  readonly #emit: (item: AdapterItem) => void;
  #answers: BoardAnswers | undefined;
  /** Takes packets while the board streams. */
  #samples: CytonSamples | undefined;
  #stream: CytonStream | undefined;
  #nSeen = 0;

  constructor(options: CytonOptions, emit: (item: AdapterItem) => void) {
    this.#options = options;
    this.#emit = emit;
  }

  receive(bytes: Uint8Array, hostMicros: number): boolean {
    if (this.#samples === undefined) {
      this.#answers?.receive(bytes);
      return false;
    }
    this.#samples.push(bytes, hostMicros);
    const { nPackets } = this.#samples.counts;
    const isAny = nPackets > this.#nSeen;
    this.#nSeen = nPackets;
    return isAny;
  }

  tick(hostMicros: number): void {
    this.#samples?.release(hostMicros);
  }

  end(): void {
    this.#stream?.flush();
  }

  async start(line: SerialLine, signal: AbortSignal): Promise<void> {
    const { port, impedance } = this.#options;
    const answers = new BoardAnswers(port, line, signal);
    this.#answers = answers;
    const board = await startBoard(answers, this.#options);
    const measured =
      impedance?.when === 'start' ? await this.#measureEach(board, impedance, answers, signal) : undefined;
    if (impedance?.when === 'always') for (const channel of board.channels) await this.#drive(channel, impedance, true);
    if (signal.aborted) return;
    const stream = new CytonStream(this.#options, board, this.#emit, measured);
    this.#stream = stream;
    this.#listen(board, (sample) => {
      stream.push(sample);
    });
    await answers.send('b');
  }

  /** One channel after the other, since the current of all would meet in the reference. */
  async #measureEach(
    board: ReadyBoard,
    impedance: ImpedanceOptions,
    answers: BoardAnswers,
    signal: AbortSignal,
  ): Promise<readonly ElectrodeContact[]> {
    const contacts: ElectrodeContact[] = [];
    for (const [i, channel] of board.channels.entries()) {
      if (signal.aborted) break;
      await this.#drive(channel, impedance, true);
      const meter = createImpedanceMeter(board, impedance);
      const contact = new Promise<ElectrodeContact>((resolve) => {
        this.#listen(board, ({ sample, microvolts }) => {
          if (sample < SETTLE_SAMPLES) return;
          const reading = meter.push(sample, microvolts);
          if (reading !== undefined) resolve(reading[i]!);
        });
      });
      await answers.send('b');
      const result = await Promise.race([contact, timeout(MEASURE_TIMEOUT_MS, signal)]);
      this.#samples = undefined;
      await answers.send('s');
      await answers.quiet(MEASURE_TIMEOUT_MS);
      if (result === undefined && !signal.aborted)
        throw new ChirpdError(
          'ADAPTER_SILENT',
          `the Cyton on ${this.#options.port} sent no signal while channel ${String(channel.place + 1)} was measured`,
        );
      if (result !== undefined) contacts.push(result);
      await this.#drive(channel, impedance, false);
    }
    return contacts;
  }

  /** Puts the lead-off current on a channel, or takes it away. */
  async #drive({ place }: CytonChannel, { input }: ImpedanceOptions, isOn: boolean): Promise<void> {
    const [p, n] = isOn ? (input === 'P' ? ['1', '0'] : ['0', '1']) : ['0', '0'];
    const text = await this.#answers!.ask(`z${CHANNEL_CODES[place]!}${p}${n}Z`, 1000);
    if (text === '' || text.includes(`Lead off set for ${String(place + 1)}`)) return;
    throw new ChirpdError(
      'ADAPTER_CYTON_SETTINGS',
      `the Cyton on ${this.#options.port} did not set lead-off of channel ${String(place + 1)}: it answered "${text.trim()}"`,
    );
  }

  #listen(board: ReadyBoard, onSample: (sample: CytonSample) => void): void {
    this.#nSeen = 0;
    this.#samples = new CytonSamples(board, onSample);
  }
}

async function timeout(ms: number, signal: AbortSignal): Promise<undefined> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  return undefined;
}
