import { ChirpdError } from '../../pipelines/core/errors.js';
import { ByteReader } from './byte-reader.js';
import { damaged, eachChunk, readLength, readRest, TAG, type XdfEnding } from './chunks.js';
import { ChunkSamples, eachText } from './sample-reader.js';
import { numberTaker, parseStream, type XdfStream } from './stream.js';
import { elementAt, parseXml, textAt } from './xml.js';

/** What of a file is held in memory has these limits; real ones have a thousandth of it. */
const MOST_STREAMS = 1024;
const MOST_CLOCK_OFFSETS = 2_000_000;
const MOST_MARKERS = 1_000_000;
const MOST_MARKER_CHARACTERS = 64 * 1024 * 1024;
const LONGEST_DESCRIPTION = 16 * 1024 * 1024;

export interface XdfMarker {
  readonly stream: XdfStream;
  /** On the stream's clock, seconds. */
  readonly time: number;
  readonly text: string;
}

/** What a file holds besides the samples of its streams of numbers. */
export interface XdfScan {
  readonly streams: readonly XdfStream[];
  readonly markers: readonly XdfMarker[];
  /** As the file header has it. */
  readonly datetime?: string;
  readonly ending: XdfEnding;
  /** Why the file could not be read to its end. */
  readonly damage?: ChirpdError;
}

/** True for streams that tell of events. */
export function isMarkerStream({ format, nominalRate, type }: XdfStream): boolean {
  return format === 'string' || (nominalRate === 0 && /marker|event|trigger|stim/i.test(type));
}

/**
 * Goes through a file once: the description of each stream, how often its clock was measured, and what its markers say.
 * Damage ends it without an error, if any stream was found before.
 * @throws ChirpdError RECORDING_OPEN, RECORDING_READ, XDF_NOT_XDF, XDF_DAMAGED, XDF_LIMIT
 */
export async function scanXdf(path: string, withMarkers: boolean, signal: AbortSignal): Promise<XdfScan> {
  const reader = await ByteReader.open(path, signal);
  const streams = new Map<number, XdfStream>();
  const markers: XdfMarker[] = [];
  const lastTimes = new Map<XdfStream, number>();
  let datetime: string | undefined;
  let nClockOffsets = 0;
  let nCharacters = 0;
  const limit = (what: string): never => {
    throw new ChirpdError('XDF_LIMIT', `${path}: holds ${what}. It is damaged, or no recording of EEG`);
  };
  const addMarker = (stream: XdfStream, stamp: number | undefined, texts: readonly string[]): void => {
    const time = stamp ?? lastTimes.get(stream) ?? NaN;
    lastTimes.set(stream, time);
    if (!Number.isFinite(time)) return;
    for (const text of texts) {
      if (text === '') continue;
      markers.push({ stream, time, text });
      nCharacters += text.length;
    }
    if (markers.length > MOST_MARKERS || nCharacters > MOST_MARKER_CHARACTERS) {
      limit(
        `more than ${MOST_MARKERS} markers or ${MOST_MARKER_CHARACTERS} characters of them (option markers: false leaves them out)`,
      );
    }
  };
  const readId = async (): Promise<number | undefined> => ((await reader.need(4)) ? reader.uint32() : undefined);
  let ending: XdfEnding = 'truncated';
  let damage: ChirpdError | undefined;
  try {
    ending = await eachChunk(reader, async (chunk) => {
      if (chunk.tag === TAG.fileHeader) {
        const text = await readRest(reader, chunk, LONGEST_DESCRIPTION);
        datetime = text === undefined ? undefined : textAt(elementAt(parseXml(text), 'info'), 'datetime');
        return text !== undefined;
      }
      if (chunk.tag === TAG.streamHeader) {
        const id = await readId();
        const text = id === undefined ? undefined : await readRest(reader, chunk, LONGEST_DESCRIPTION);
        if (id === undefined || text === undefined) return false;
        const stream = parseStream(id, text);
        if (stream === undefined) throw damaged(reader, `the description of stream ${id} makes no sense`);
        if (!streams.has(id)) streams.set(id, stream);
        return streams.size <= MOST_STREAMS || limit(`more than ${MOST_STREAMS} streams`);
      }
      if (chunk.tag !== TAG.samples && chunk.tag !== TAG.clockOffset) return true;
      const id = await readId();
      if (id === undefined) return false;
      const stream = streams.get(id);
      if (stream === undefined) return true;
      if (chunk.tag === TAG.clockOffset) {
        if (!(await reader.need(16))) return false;
        const offset = { time: reader.float64(), offset: reader.float64() };
        if (Number.isFinite(offset.time) && Number.isFinite(offset.offset)) stream.clockOffsets.push(offset);
        return ++nClockOffsets <= MOST_CLOCK_OFFSETS || limit(`more than ${MOST_CLOCK_OFFSETS} clock offsets`);
      }
      if (withMarkers && isMarkerStream(stream)) {
        if (stream.format === 'string')
          return eachText(reader, chunk, stream, (stamp, texts) => {
            addMarker(stream, stamp, texts);
          });
        const take = numberTaker(stream.format);
        const numbers = await new ChunkSamples(reader, chunk, stream).read(Infinity, (stamp) => {
          addMarker(
            stream,
            stamp,
            Array.from({ length: stream.nChannels }, () => String(take(reader))),
          );
        });
        return numbers === 'done';
      }
      const count = await readLength(reader);
      stream.nSamples += count ?? 0;
      return count !== undefined;
    });
  } catch (error) {
    if (!(error instanceof ChirpdError) || error.code !== 'XDF_DAMAGED' || streams.size === 0) throw error;
    damage = error;
  } finally {
    await reader.close();
  }
  return {
    streams: [...streams.values()],
    markers,
    ending,
    ...(datetime === undefined ? {} : { datetime }),
    ...(damage === undefined ? {} : { damage }),
  };
}
