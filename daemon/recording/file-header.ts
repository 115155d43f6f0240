import { classifyLabels } from '../../pipelines/core/labels.js';
import type { Channel } from '../../pipelines/core/signal.js';
import { secondsText } from './annotation-list.js';
import type { RecordLength } from './record-length.js';
import type { ChannelScale } from './scale.js';

export interface FileHeaderOptions {
  readonly channels: readonly Channel[];
  /** One for each channel. */
  readonly scales: readonly ChannelScale[];
  readonly length: RecordLength;
  readonly annotationBytes: number;
  /** Of the first sample, Unix microseconds; the header has its whole second, in UTC. */
  readonly startMicros: number;
}

/** Where the number of records stands, and its width. */
export const N_RECORDS_AT = 236;
export const N_RECORDS_WIDTH = 8;

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** The header of a BDF+ file that grows: its number of records is -1. Nothing in it is about a person. */
export function fileHeader({ channels, scales, length, annotationBytes, startMicros }: FileHeaderOptions): Buffer {
  const start = new Date(Math.floor(startMicros / 1e6) * 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const [day, year] = [two(start.getUTCDate()), start.getUTCFullYear()];
  const month = start.getUTCMonth();
  const labels = fileLabels(channels);
  const nSignals = channels.length + 1;
  const column = (width: number, texts: readonly string[]): Buffer =>
    Buffer.concat(texts.map((text) => field(text, width)));
  const each = (of: (scale: ChannelScale) => string | number): readonly string[] =>
    scales.map((scale) => String(of(scale)));
  const blank = Array.from({ length: nSignals }, () => '');
  return Buffer.concat([
    Buffer.from([0xff]),
    field('BIOSEMI', 7),
    field('X X X X', 80),
    field(`Startdate ${day}-${MONTHS[month] ?? ''}-${String(year).padStart(4, '0')} X X chirpd`, 80),
    field(`${day}.${two(month + 1)}.${two(year % 100)}`, 8),
    field(`${two(start.getUTCHours())}.${two(start.getUTCMinutes())}.${two(start.getUTCSeconds())}`, 8),
    field(String(256 * (nSignals + 1)), 8),
    field('BDF+C', 44),
    field('-1', N_RECORDS_WIDTH),
    field(secondsText(length.micros), 8),
    field(String(nSignals), 4),
    column(16, [...labels, 'BDF Annotations']),
    column(80, blank),
    column(8, [...each(({ unit }) => unit), '']),
    column(8, [...each(({ physical }) => physical[0]), '-1']),
    column(8, [...each(({ physical }) => physical[1]), '1']),
    column(8, [...each(({ digital }) => digital[0]), '-8388608']),
    column(8, [...each(({ digital }) => digital[1]), '8388607']),
    column(80, blank),
    column(8, [...channels.map(() => String(length.nSamples)), String(annotationBytes / 3)]),
    column(32, blank),
  ]);
}

/**
 * Labels that are read as what they are: the source's own where it fits, is plain and tells the channel, else the
 * channel's; numbered where two would be the same.
 */
export function fileLabels(channels: readonly Channel[]): readonly string[] {
  const own = channels.map(({ sourceLabel }) => sourceLabel);
  const read = classifyLabels(own);
  const taken = new Set<string>();
  return channels.map(({ label }, i) => {
    const source = own[i] ?? '';
    const wanted = plain(source) === source && read[i]?.label === label ? source : plain(label);
    let unique = wanted;
    for (let n = 2; taken.has(unique); n++) unique = `${wanted.slice(0, 13)}#${String(n)}`;
    taken.add(unique);
    return unique;
  });
}

function plain(text: string): string {
  const ascii = text
    .replaceAll(/[^ -~]/g, '_')
    .trim()
    .slice(0, 16)
    .trim();
  return ascii === '' ? 'channel' : ascii;
}

function field(text: string, width: number): Buffer {
  return Buffer.from(text.padEnd(width).slice(0, width), 'latin1');
}
