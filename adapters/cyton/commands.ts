import { CHANNEL_CODES, CYTON_GAINS } from './board.js';

/** What a program can tell a board. `place`: of a channel, from 0. */
export type BoardCommand =
  | { readonly type: 'start' | 'stop' | 'reset' | 'defaults' | 'report-defaults' | 'registers' | 'version' }
  | { readonly type: 'eight-channels' | 'sixteen-channels' | 'radio' }
  | { readonly type: 'time-stamps'; readonly isOn: boolean }
  | { readonly type: 'power'; readonly place: number; readonly isOn: boolean }
  | { readonly type: 'channel'; readonly place: number; readonly isOn: boolean; readonly gainCode: number }
  | { readonly type: 'lead-off'; readonly place: number; readonly p: boolean; readonly n: boolean };

const SINGLE: Readonly<Record<string, BoardCommand>> = {
  b: { type: 'start' },
  s: { type: 'stop' },
  v: { type: 'reset' },
  d: { type: 'defaults' },
  D: { type: 'report-defaults' },
  '?': { type: 'registers' },
  V: { type: 'version' },
  c: { type: 'eight-channels' },
  C: { type: 'sixteen-channels' },
  '<': { type: 'time-stamps', isOn: true },
  '>': { type: 'time-stamps', isOn: false },
};
const OFF_CODES = '12345678qwertyui';
const ON_CODES = '!@#$%^&*QWERTYUI';
/** First byte of a command to the radios; the second says which. */
const RADIO_BYTE = 0xf0;
const RADIO_STATUS = 0x07;

const CHANNEL_LENGTH = 9;
const LEAD_OFF_LENGTH = 5;

/** Takes a board's commands out of bytes as they come. What the board does not know it says nothing to. */
export class CommandReader {
  readonly #onCommand: (command: BoardCommand) => void;
  readonly #onMistake: (text: string) => void;
  /** A command of several characters that has begun. */
  #begun = '';

  /** @param onMistake gets what the board answers to a command of several characters that is wrong */
  constructor(onCommand: (command: BoardCommand) => void, onMistake: (text: string) => void) {
    this.#onCommand = onCommand;
    this.#onMistake = onMistake;
  }

  push(bytes: Uint8Array): void {
    for (const byte of bytes) this.#take(byte);
  }

  #take(byte: number): void {
    if (this.#begun !== '') {
      this.#begun += String.fromCharCode(byte);
      this.#goOn(byte);
      return;
    }
    const character = String.fromCharCode(byte);
    if (character === 'x' || character === 'z' || byte === RADIO_BYTE) this.#begun = character;
    else {
      const command = single(character);
      if (command !== undefined) this.#onCommand(command);
    }
  }

  #goOn(byte: number): void {
    const begun = this.#begun;
    if (begun.charCodeAt(0) === RADIO_BYTE) {
      this.#begun = '';
      if (byte === RADIO_STATUS) this.#onCommand({ type: 'radio' });
      return;
    }
    const isChannel = begun.startsWith('x');
    const length = isChannel ? CHANNEL_LENGTH : LEAD_OFF_LENGTH;
    const latch = isChannel ? 'X' : 'Z';
    if (begun.length < length && !begun.endsWith(latch)) return;
    this.#begun = '';
    if (begun.length < length) this.#onMistake('Failure: too few chars');
    else if (!begun.endsWith(latch)) this.#onMistake(`Failure: Err: ${isChannel ? '9th' : '5th'} char not ${latch}`);
    else {
      const command = isChannel ? channelCommand(begun) : leadOffCommand(begun);
      if (command !== undefined) this.#onCommand(command);
    }
  }
}

function single(character: string): BoardCommand | undefined {
  if (Object.hasOwn(SINGLE, character)) return SINGLE[character];
  const off = OFF_CODES.indexOf(character);
  if (off >= 0) return { type: 'power', place: off, isOn: false };
  const on = ON_CODES.indexOf(character);
  return on < 0 ? undefined : { type: 'power', place: on, isOn: true };
}

/** `x`, channel, power down, gain, input, bias, SRB2, SRB1, `X`. */
function channelCommand(text: string): BoardCommand | undefined {
  const place = CHANNEL_CODES.indexOf(text[1]!);
  const gainCode = Number(text[3]);
  if (place < 0 || !(gainCode < CYTON_GAINS.length)) return undefined;
  return { type: 'channel', place, isOn: text[2] === '0', gainCode };
}

/** `z`, channel, drive P, drive N, `Z`. */
function leadOffCommand(text: string): BoardCommand | undefined {
  const place = CHANNEL_CODES.indexOf(text[1]!);
  return place < 0 ? undefined : { type: 'lead-off', place, p: text[2] === '1', n: text[3] === '1' };
}
