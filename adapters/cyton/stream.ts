import { canonicalLabel } from '../../pipelines/core/labels.js';
import type {
  AdapterItem,
  Digitisation,
  ElectrodeContact,
  LeftOutChannel,
  StreamInfo,
} from '../../pipelines/core/signal.js';
import { StreamAssembler } from '../stream-assembler.js';
import { CYTON_PACKET_RATE, HIGHEST_COUNT, microvoltsPerCount, type CytonGain } from './board.js';
import { createImpedanceMeter, type ImpedanceMeter } from './impedance.js';
import type { CytonOptions } from './options.js';
import type { CytonSample } from './samples.js';
import type { ReadyBoard } from './start.js';

const BLOCK_SECONDS = 0.096;

/** Makes the stream's items of samples: the info with the first one, then blocks, gaps, clock and electrode readings. */
export class CytonStream {
  readonly #options: CytonOptions;
  readonly #board: ReadyBoard;
  readonly #emit: (item: AdapterItem) => void;
  readonly #measured: readonly ElectrodeContact[] | undefined;
  readonly #sampleRate: number;
  readonly #assembler: StreamAssembler;
  readonly #meter: ImpedanceMeter | undefined;
  #isTold = false;

  constructor(
    options: CytonOptions,
    board: ReadyBoard,
    emit: (item: AdapterItem) => void,
    measured: readonly ElectrodeContact[] | undefined,
  ) {
    this.#options = options;
    this.#board = board;
    this.#emit = emit;
    this.#measured = measured;
    this.#sampleRate = board.hasDaisy ? CYTON_PACKET_RATE / 2 : CYTON_PACKET_RATE;
    this.#assembler = new StreamAssembler({
      nChannels: board.channels.length,
      sampleRate: this.#sampleRate,
      blockSamples: Math.round(BLOCK_SECONDS * this.#sampleRate),
      emit,
    });
    if (options.impedance?.when === 'always') this.#meter = createImpedanceMeter(board, options.impedance);
  }

  push({ sample, microvolts, hostMicros, deviceMicros }: CytonSample): void {
    if (!this.#isTold) this.#begin(hostMicros);
    this.#assembler.push(sample, microvolts, {
      hostMicros,
      ...(deviceMicros !== undefined && { deviceMicros }),
    });
    const contacts = this.#meter?.push(sample, microvolts);
    if (contacts !== undefined)
      this.#emit({ type: 'electrodes', sample: this.#assembler.nEmitted, channels: contacts });
  }

  /** Emits what does not fill a block. */
  flush(): void {
    this.#assembler.flush();
  }

  #begin(hostMicros: number): void {
    this.#isTold = true;
    this.#emit(cytonInfo(this.#options, this.#board, this.#sampleRate, hostMicros));
    if (this.#measured?.length === this.#board.channels.length)
      this.#emit({ type: 'electrodes', sample: 0, channels: this.#measured });
  }
}

function digitisation(gain: CytonGain): Digitisation {
  const highest = HIGHEST_COUNT * microvoltsPerCount(gain);
  return { digital: [-HIGHEST_COUNT, HIGHEST_COUNT], physical: [-highest, highest], unit: 'uV' };
}

function cytonInfo(
  { port }: CytonOptions,
  { channels, off, hasDaisy, hasTimeStamps, firmware }: ReadyBoard,
  sampleRate: number,
  startTimeMicros: number,
): StreamInfo {
  const model = hasDaisy ? 'OpenBCI Cyton with Daisy' : 'OpenBCI Cyton';
  const leftOut: LeftOutChannel[] = off.map((sourceLabel) => ({ sourceLabel, reason: 'switched off by the config' }));
  const notEeg = hasTimeStamps ? 'the board sends its clock in its place' : 'no EEG';
  leftOut.push({ sourceLabel: 'accelerometer', reason: notEeg });
  return {
    type: 'info',
    channels: channels.map(({ label, gain }) => ({
      label: canonicalLabel(label),
      sourceLabel: label,
      rangeMicrovolts: [-(HIGHEST_COUNT + 1) * microvoltsPerCount(gain), HIGHEST_COUNT * microvoltsPerCount(gain)],
      // The values of a Daisy are means of two counts.
      ...(hasDaisy ? {} : { digitisation: digitisation(gain) }),
    })),
    leftOut,
    sampleRate,
    startTimeMicros: Math.round(startTimeMicros),
    source: `${model} on ${port}`,
    device: { model, ...(firmware !== undefined && { firmware }) },
  };
}
