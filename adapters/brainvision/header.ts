import { basename, dirname, extname, join } from 'node:path';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { fieldsOf, type Sections } from './sections.js';

/** How numbers of a binary data file are written. */
export type NumberFormat = 'INT_16' | 'UINT_16' | 'INT_32' | 'IEEE_FLOAT_32' | 'IEEE_FLOAT_64';

export const NUMBER_BYTES: Readonly<Record<NumberFormat, number>> = {
  INT_16: 2,
  UINT_16: 2,
  INT_32: 4,
  IEEE_FLOAT_32: 4,
  IEEE_FLOAT_64: 8,
};

export interface BrainVisionChannel {
  /** Place in the data, from 0. */
  readonly index: number;
  readonly label: string;
  /** In units of `unit`, for one step of the data; NaN where it is no number. */
  readonly resolution: number;
  /** As written; microvolts where the file leaves it out, as the format says. */
  readonly unit: string;
}

export interface BinaryData {
  readonly type: 'binary';
  readonly format: NumberFormat;
  readonly isBigEndian: boolean;
}

export interface AsciiData {
  readonly type: 'ascii';
  readonly decimalComma: boolean;
  readonly skipLines: number;
  readonly skipColumns: number;
}

export interface BrainVisionHeader {
  readonly dataPath: string;
  readonly markerPath?: string;
  readonly data: BinaryData | AsciiData;
  /** False: all channels of a sample together. True: all samples of a channel together. */
  readonly isVectorized: boolean;
  /** Hz */
  readonly sampleRate: number;
  /** Samples of a channel, where the header states them. */
  readonly nPoints?: number;
  readonly channels: readonly BrainVisionChannel[];
}

/** More channels than any amplifier has. */
const MOST_CHANNELS = 4096;
const LOWEST_SAMPLE_RATE = 1;
const HIGHEST_SAMPLE_RATE = 1e6;

/**
 * @param path of the header; data and markers lie beside it
 * @throws ChirpdError BRAINVISION_HEADER
 */
export function parseHeader(sections: Sections, path: string): BrainVisionHeader {
  const fail = (message: string): never => {
    throw new ChirpdError('BRAINVISION_HEADER', `${path}: ${message}`);
  };
  const value = (section: string, key: string): string | undefined =>
    sections.get(section)?.get(key.toLowerCase()) || undefined;
  const choice = <Choice extends string>(section: string, key: string, choices: readonly Choice[]): Choice => {
    const found = (value(section, key) ?? '').toUpperCase();
    const known = choices.find((each) => each === found);
    return known ?? fail(`${key} is ${JSON.stringify(found)}, not ${choices.join(' or ')}. Export it in one of these`);
  };
  const whole = (section: string, key: string): number | undefined => {
    const found = value(section, key);
    if (found === undefined) return undefined;
    return /^\d{1,15}$/.test(found) ? Number(found) : fail(`${key} is ${JSON.stringify(found)}, not a whole number`);
  };
  const common = 'common infos';
  if (value(common, 'DataType') !== undefined) choice(common, 'DataType', ['TIMEDOMAIN']);
  const nChannels = whole(common, 'NumberOfChannels') ?? 0;
  if (nChannels < 1 || nChannels > MOST_CHANNELS) {
    fail(`NumberOfChannels is ${nChannels}, not between 1 and ${MOST_CHANNELS}. The header is damaged`);
  }
  const intervalText = value(common, 'SamplingInterval') ?? '';
  const interval = Number(intervalText.replace(',', '.'));
  const rate = 1e6 / interval;
  if (intervalText === '' || !(rate >= LOWEST_SAMPLE_RATE && rate <= HIGHEST_SAMPLE_RATE)) {
    fail(
      `SamplingInterval is ${JSON.stringify(intervalText)}, not a number of microseconds that makes ${LOWEST_SAMPLE_RATE} Hz to ${HIGHEST_SAMPLE_RATE / 1e6} MHz. Correct the header`,
    );
  }
  const nearest = Math.round(rate);
  const orientation = choice(common, 'DataOrientation', ['MULTIPLEXED', 'VECTORIZED']);
  const nPoints = whole(common, 'DataPoints');
  const besides = (name: string): string =>
    join(dirname(path), basename(name.replaceAll('$b', basename(path, extname(path))).replaceAll('\\', '/')));
  const dataFile = value(common, 'DataFile') ?? fail('names no DataFile. The header is damaged');
  const markerFile = value(common, 'MarkerFile');
  return {
    dataPath: besides(dataFile),
    ...(markerFile === undefined ? {} : { markerPath: besides(markerFile) }),
    data:
      choice(common, 'DataFormat', ['BINARY', 'ASCII']) === 'BINARY'
        ? {
            type: 'binary',
            format: choice('binary infos', 'BinaryFormat', Object.keys(NUMBER_BYTES) as NumberFormat[]),
            isBigEndian: /^yes$/i.test(value('binary infos', 'UseBigEndianOrder') ?? ''),
          }
        : {
            type: 'ascii',
            decimalComma: value('ascii infos', 'DecimalSymbol') === ',',
            skipLines: whole('ascii infos', 'SkipLines') ?? 0,
            skipColumns: whole('ascii infos', 'SkipColumns') ?? 0,
          },
    isVectorized: orientation === 'VECTORIZED',
    sampleRate: Math.abs(rate - nearest) < 1e-9 * nearest ? nearest : rate,
    ...(nPoints === undefined || nPoints === 0 ? {} : { nPoints }),
    channels: Array.from({ length: nChannels }, (_, index) => {
      const found = value('channel infos', `Ch${index + 1}`);
      if (found === undefined)
        return fail(`describes no channel Ch${index + 1} of ${nChannels}. The header is damaged`);
      const [label = '', , resolution = '', unit = ''] = fieldsOf(found);
      return {
        index,
        label: label === '' ? `Ch${index + 1}` : label,
        resolution: resolution === '' ? 1 : Number(resolution),
        unit: unit === '' ? 'µV' : unit,
      };
    }),
  };
}
