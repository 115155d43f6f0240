import { CHANNELS_PER_BOARD, CYTON_GAINS, type CytonGain } from './board.js';

interface RegisterChannel {
  readonly gain: CytonGain;
  readonly isOn: boolean;
}

/** Registers of an ADS1299 whose values do not depend on the channels here: name and value after a reset. */
const BEFORE: readonly (readonly [string, number])[] = [
  ['ADS_ID', 0x3e],
  ['CONFIG1', 0x96],
  ['CONFIG2', 0xc0],
  ['CONFIG3', 0xec],
  ['LOFF', 0x02],
];
const AFTER: readonly (readonly [string, number])[] = [
  ['BIAS_SENSP', 0xff],
  ['BIAS_SENSN', 0xff],
  ['LOFF_SENSP', 0],
  ['LOFF_SENSN', 0],
  ['LOFF_FLIP', 0],
  ['LOFF_STATP', 0],
  ['LOFF_STATN', 0],
  ['GPIO', 0x0f],
  ['MISC1', 0],
  ['MISC2', 0],
  ['CONFIG4', 0],
];

/** The answer to `?`: the registers of each converter, one a line with its address, value and bits. */
export function registerReport(channels: readonly RegisterChannel[], hasDaisy: boolean): string {
  const boards = ['Board ADS Registers', ...report(channels.slice(0, CHANNELS_PER_BOARD))];
  if (hasDaisy) boards.push('', 'Daisy ADS Registers', ...report(channels.slice(CHANNELS_PER_BOARD)));
  return ['', ...boards, '', 'LIS3DH Registers', '0x07 0x0', ''].join('\r\n');
}

function report(channels: readonly RegisterChannel[]): string[] {
  const settings = channels.map(
    ({ gain, isOn }, i) => [`CH${String(i + 1)}SET`, (isOn ? 0 : 0x80) | (CYTON_GAINS.indexOf(gain) << 4) | 8] as const,
  );
  return [...BEFORE, ...settings, ...AFTER].map(([name, value], address) => {
    const bits = value.toString(2).padStart(8, '0').split('').join(', ');
    return `${name}, ${hex(address)}, ${hex(value)}, ${bits}`;
  });
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, '0');
}
