import { ChirpdError } from '../../pipelines/core/errors.js';
import { defaultLabel } from '../serial/options.js';
import type { BoardAnswers } from './answers.js';
import { CHANNEL_CODES, CHANNELS_PER_BOARD, CYTON_GAINS, type CytonGain, DEFAULT_GAIN } from './board.js';
import type { CytonChannelOptions, CytonOptions } from './options.js';

/** A soft reset takes half a second and more. */
const RESET_TIMEOUT_MS = 3000;
const ANSWER_TIMEOUT_MS = 1000;
/** What may lie between two characters with firmware before 2. */
const OLD_FIRMWARE_PAUSE_MS = 20;

/** One channel of the board as it is set. */
export interface CytonChannel {
  readonly label: string;
  /** Place on the board, from 0. */
  readonly place: number;
  readonly gain: CytonGain;
}

/** A board that is ready to stream. */
export interface ReadyBoard {
  /** Version such as `v3.1.2`; undefined for firmware 1, which tells none. */
  readonly firmware: string | undefined;
  readonly hasDaisy: boolean;
  readonly hasTimeStamps: boolean;
  /** Those that are on, in the order of the board. */
  readonly channels: readonly CytonChannel[];
  /** Labels of those that are off by the config. */
  readonly off: readonly string[];
}

/**
 * Brings a board from whatever it does to a known state: stopped, reset, channels set one by one with the answer checked.
 * @throws ChirpdError ADAPTER_NO_ANSWER, ADAPTER_NOT_UNDERSTOOD, ADAPTER_CYTON_RADIO, ADAPTER_CYTON_DAISY,
 *   ADAPTER_CYTON_SETTINGS
 */
export async function startBoard(answers: BoardAnswers, options: CytonOptions): Promise<ReadyBoard> {
  await answers.send('s');
  await answers.quiet(ANSWER_TIMEOUT_MS);
  const greeting = await answers.ask('v', RESET_TIMEOUT_MS);
  const firmware = /Firmware:\s*(\S+)/.exec(greeting)?.[1];
  if (firmware === undefined) answers.characterPauseMs = OLD_FIRMWARE_PAUSE_MS;
  const hasDaisy = await chooseDaisy(answers, options, /Daisy ADS1299/i.test(greeting));
  const { channels, off } = await setChannels(answers, options, hasDaisy);
  const hasTimeStamps = options.timeStamps && firmware !== undefined;
  if (hasTimeStamps) await answers.ask('<', ANSWER_TIMEOUT_MS);
  return { firmware, hasDaisy, hasTimeStamps, channels, off };
}

async function chooseDaisy(answers: BoardAnswers, { port, daisy }: CytonOptions, isThere: boolean): Promise<boolean> {
  if (daisy === 'auto' || (daisy === 'yes') === isThere) return isThere;
  if (daisy === 'no') {
    await answers.ask('c', ANSWER_TIMEOUT_MS);
    return false;
  }
  const text = await answers.ask('C', ANSWER_TIMEOUT_MS);
  if (text.endsWith('16') || text === '') return true;
  throw new ChirpdError(
    'ADAPTER_CYTON_DAISY',
    `the Cyton on ${port} finds no Daisy module: seat it on the board again, or leave daisy out of the config`,
  );
}

async function setChannels(
  answers: BoardAnswers,
  { port, channels: given }: CytonOptions,
  hasDaisy: boolean,
): Promise<Pick<ReadyBoard, 'channels' | 'off'>> {
  const nPlaces = hasDaisy ? 2 * CHANNELS_PER_BOARD : CHANNELS_PER_BOARD;
  if (given !== undefined && given.length > nPlaces) {
    throw new ChirpdError(
      'ADAPTER_CYTON_SETTINGS',
      `channels names ${String(given.length)}, and the Cyton on ${port} has ${String(nPlaces)}: shorten the list, or attach the Daisy`,
    );
  }
  const channels: CytonChannel[] = [];
  const off: string[] = [];
  for (let place = 0; place < nPlaces; place++) {
    const wanted = given === undefined ? undefined : (given[place] ?? null);
    const label = wanted?.label ?? defaultLabel(place);
    const gain = wanted?.gain ?? DEFAULT_GAIN;
    if (wanted !== undefined && !isDefault(wanted)) {
      const text = await answers.ask(settingsCommand(place, wanted), ANSWER_TIMEOUT_MS);
      if (text !== '' && !text.includes(`Channel set for ${String(place + 1)}`) && !/^\s*update/i.test(text))
        throw new ChirpdError(
          'ADAPTER_CYTON_SETTINGS',
          `the Cyton on ${port} did not take the settings of channel ${String(place + 1)}: it answered "${text.trim()}"`,
        );
    }
    if (wanted === null || wanted?.isOn === false) off.push(label);
    else channels.push({ label, place, gain });
  }
  if (channels.length === 0)
    throw new ChirpdError('ADAPTER_CYTON_SETTINGS', `every channel of the Cyton on ${port} is off: let one be on`);
  return { channels, off };
}

/** As a board is after a reset. */
function isDefault(channel: CytonChannelOptions | null): boolean {
  if (channel === null) return false;
  const { gain, isOn, bias, srb2, srb1 } = channel;
  return gain === DEFAULT_GAIN && isOn && bias && srb2 && !srb1;
}

/** `x`, channel, power down, gain, input (0: electrode), bias, SRB2, SRB1, `X`. @param channel null: switch it off */
export function settingsCommand(place: number, channel: CytonChannelOptions | null): string {
  const { gain, isOn, bias, srb2, srb1 } = channel ?? {
    gain: DEFAULT_GAIN,
    isOn: false,
    bias: false,
    srb2: false,
    srb1: false,
  };
  const bit = (flag: boolean): string => (flag ? '1' : '0');
  const code = CHANNEL_CODES[place]!;
  const inUse = (flag: boolean): string => bit(isOn && flag);
  return `x${code}${bit(!isOn)}${String(CYTON_GAINS.indexOf(gain))}0${inUse(bias)}${inUse(srb2)}${inUse(srb1)}X`;
}
