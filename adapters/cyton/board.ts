/** Facts about the board. Sources: OpenBCI's documentation of the data format and of the SDK, ADS1299 data sheet. */

export const CYTON_BAUD_RATE = 115_200;
/** Packets a second, with a Daisy too. */
export const CYTON_PACKET_RATE = 250;
export const CHANNELS_PER_BOARD = 8;

export const CYTON_GAINS = [1, 2, 4, 6, 8, 12, 24] as const;
export type CytonGain = (typeof CYTON_GAINS)[number];
export const DEFAULT_GAIN: CytonGain = 24;

/** Names of channels 1 to 16 in commands that set a channel. */
export const CHANNEL_CODES = '12345678QWERTYUI';

/** Highest count of the converter; the lowest is one further from 0. */
export const HIGHEST_COUNT = 2 ** 23 - 1;
const REFERENCE_MICROVOLTS = 4.5e6;

/** Microvolts of one count. */
export function microvoltsPerCount(gain: CytonGain): number {
  return REFERENCE_MICROVOLTS / HIGHEST_COUNT / gain;
}

/** Lead-off drive: amplitude in ampere, frequency in hertz (the converter's clock of 2.048 MHz by 2^16). */
export const LEAD_OFF_AMPERE = 6e-9;
export const LEAD_OFF_HZ = 31.25;
/** Resistor on the board between each input and its electrode. */
export const SERIES_OHMS = 2200;

/** Text that ends every answer. */
export const END_OF_TEXT = '$$$';
