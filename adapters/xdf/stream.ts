import type { ByteReader } from './byte-reader.js';
import { elementAt, parseXml, textAt } from './xml.js';

/** What a value of a stream is. */
export type ValueFormat = 'float32' | 'double64' | 'int8' | 'int16' | 'int32' | 'int64' | 'string';

/** Bytes of a value; strings have a length of their own. */
export const VALUE_BYTES: Readonly<Record<ValueFormat, number>> = {
  float32: 4,
  double64: 8,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  string: 0,
};

export interface XdfChannel {
  readonly index: number;
  readonly label: string;
  readonly unit?: string;
  /** What it measures, as the file says: `EEG`, `EOG`, `AUX`. */
  readonly type?: string;
}

/** A measurement of the clock of the computer that made a stream against the recorder's. */
export interface ClockOffset {
  /** On the stream's clock, seconds. */
  readonly time: number;
  /** What to add to the stream's clock to get the recorder's. */
  readonly offset: number;
}

export interface XdfStream {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly nChannels: number;
  /** Hz; 0: irregular. */
  readonly nominalRate: number;
  readonly format: ValueFormat;
  /** As many as the file describes, no more than `nChannels`. */
  readonly channels: readonly XdfChannel[];
  readonly clockOffsets: ClockOffset[];
  nSamples: number;
}

const MOST_CHANNELS = 65_536;

/** @returns undefined where the description makes no sense */
export function parseStream(id: number, xml: string): XdfStream | undefined {
  const info = elementAt(parseXml(xml), 'info');
  const nChannels = Number(textAt(info, 'channel_count'));
  const nominalRate = Number(textAt(info, 'nominal_srate') ?? '0');
  const format = (textAt(info, 'channel_format') ?? '').replace('cf_', '');
  if (!Number.isInteger(nChannels) || nChannels < 1 || nChannels > MOST_CHANNELS) return undefined;
  if (!(nominalRate >= 0) || !Object.hasOwn(VALUE_BYTES, format)) return undefined;
  const described = (elementAt(info, 'desc', 'channels')?.children ?? []).filter(({ name }) => name === 'channel');
  if (described.length > nChannels) return undefined;
  return {
    id,
    name: textAt(info, 'name') ?? '',
    type: textAt(info, 'type') ?? '',
    nChannels,
    nominalRate,
    format: format as ValueFormat,
    channels: described.map((channel, index) => {
      const unit = textAt(channel, 'unit');
      const type = textAt(channel, 'type');
      return {
        index,
        label: textAt(channel, 'label') ?? '',
        ...(unit === undefined ? {} : { unit }),
        ...(type === undefined ? {} : { type }),
      };
    }),
    clockOffsets: [],
    nSamples: 0,
  };
}

/** How to take one number of a format from a reader that has its bytes. */
export function numberTaker(format: ValueFormat): (reader: ByteReader) => number {
  switch (format) {
    case 'float32':
      return (reader) => reader.float32();
    case 'double64':
      return (reader) => reader.float64();
    case 'int8':
      return (reader) => reader.int8();
    case 'int16':
      return (reader) => reader.int16();
    case 'int32':
      return (reader) => reader.int32();
    case 'int64':
      return (reader) => reader.int64();
    case 'string':
      return () => NaN;
  }
}
