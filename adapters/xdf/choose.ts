import { ChirpdError } from '../../pipelines/core/errors.js';
import { classifyLabels, isScalpLabel } from '../../pipelines/core/labels.js';
import type { LeftOutChannel } from '../../pipelines/core/signal.js';
import type { XdfOptions } from './options.js';
import { isMarkerStream, type XdfScan } from './scan.js';
import type { XdfStream } from './stream.js';

function describe({ name, type, nominalRate, nSamples, format }: XdfStream): string {
  const rate = nominalRate === 0 ? 'irregular' : `${nominalRate} Hz`;
  const what = format === 'string' ? 'text' : nSamples === 0 ? 'no samples' : rate;
  return `"${name}" (${type === '' ? 'without a type' : type}, ${what})`;
}

function nScalp({ channels }: XdfStream): number {
  return classifyLabels(channels.map(({ label }) => label)).filter(isScalpLabel).length;
}

/** Why a stream cannot be replayed, or undefined. */
function obstacle({ format, nominalRate, nSamples }: XdfStream): string | undefined {
  if (format === 'string') return 'it holds texts';
  if (nSamples === 0) return 'it has no samples';
  return nominalRate >= 1 && nominalRate <= 1e6
    ? undefined
    : `its nominal rate is ${nominalRate} Hz, not 1 Hz to 1 MHz`;
}

/**
 * The stream that is replayed: the one that the options name, else of those of type EEG the one with the most scalp
 * electrodes, then channels, then the first.
 * @throws ChirpdError XDF_STREAM
 */
export function chooseStream({ streams }: XdfScan, { path, stream: wanted }: XdfOptions): XdfStream {
  const all = streams.length === 0 ? 'none' : streams.slice(0, 20).map(describe).join(', ');
  const named = streams.filter(({ name, id }) => name === wanted || String(id) === wanted);
  const candidates = wanted === undefined ? streams.filter(({ type }) => /^EEG$/i.test(type)) : named;
  const usable = candidates.filter((stream) => obstacle(stream) === undefined);
  const [first] = [...usable].sort((a, b) => nScalp(b) - nScalp(a) || b.nChannels - a.nChannels);
  if (first !== undefined) return first;
  const [candidate] = candidates;
  const why =
    candidate !== undefined
      ? `stream ${describe(candidate)} cannot be replayed: ${obstacle(candidate) ?? ''}`
      : wanted === undefined
        ? 'holds no stream of type EEG. Name one with option stream'
        : `holds no stream "${wanted}"`;
  throw new ChirpdError('XDF_STREAM', `${path}: ${why}. Its streams: ${all}`);
}

/** The other streams, and why they are not replayed. */
export function otherStreams(scan: XdfScan, chosen: XdfStream, withMarkers: boolean): readonly LeftOutChannel[] {
  return scan.streams
    .filter((stream) => stream !== chosen && !(withMarkers && isMarkerStream(stream)))
    .map((stream) => ({
      sourceLabel: stream.name,
      reason: isMarkerStream(stream)
        ? 'markers are left out by option'
        : (obstacle(stream) ?? `a stream of its own (${stream.type}); option stream replays it`),
    }));
}
