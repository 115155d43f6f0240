import type { LslFormat } from './formats.js';

/** Every connection starts with these two samples, in this order, so that either side sees that it is understood. */
export const TEST_PATTERNS = [4, 2] as const;

/** Time stamp of the test samples, in seconds. */
export const TEST_PATTERN_TIME = 123_456.789;

/** What a format adds to its test values, and the largest value that it holds; values wrap before that. */
const OFFSETS: Readonly<Record<Exclude<LslFormat, 'string'>, readonly [offset: number, wrap: number]>> = {
  float32: [0, Infinity],
  double64: [16_777_217, Infinity],
  int32: [65_537, 2_147_483_647],
  int16: [257, 32_767],
  int8: [1, 127],
  int64: [2_147_483_649, Infinity],
};

/** The values of a test sample: rising with the channel, every other one negative. */
export function testPattern(format: LslFormat, nChannels: number, pattern: number): readonly (number | string)[] {
  const channels = Array.from({ length: nChannels }, (_, channel) => channel);
  if (format === 'string') return channels.map((channel) => String(signed(channel, channel + 10)));
  const [offset, wrap] = OFFSETS[format];
  return channels.map((channel) => signed(channel, (channel + offset + pattern) % wrap));
}

function signed(channel: number, value: number): number {
  return channel % 2 === 0 ? value : -value;
}
