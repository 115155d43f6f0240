import { basename } from 'node:path';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { Annotation, StreamItem } from '../../pipelines/core/signal.js';
import type { Adapter } from '../adapter.js';
import type { Recording, RecordingSegment } from '../replay/recording.js';
import { replay } from '../replay/replay.js';
import { EegSelection, type SelectableSignal } from '../replay/select.js';
import { chooseStream, otherStreams } from './choose.js';
import type { XdfEnding } from './chunks.js';
import { startMicros } from '../replay/start-micros.js';
import { ClockCorrection, clockRanges } from './clock.js';
import type { XdfOptions } from './options.js';
import { readSamples } from './samples.js';
import { scanXdf, type XdfScan } from './scan.js';
import { segmentsOf } from './segments.js';
import type { XdfStream } from './stream.js';
import { streamSecondsAt, timelineOf, type Timeline } from './timeline.js';

/** Replays XDF recordings. Errors: `XDF_...`, `RECORDING_...`, see adapters/README.md. */
export const xdfAdapter: Adapter<XdfOptions, StreamItem> = {
  kind: 'xdf',
  open: (options, context) => replay((signal) => openXdf(options, signal), context),
};

/** Goes through the file twice before the first item: for its streams and clocks, then for the time stamps. */
async function openXdf(options: XdfOptions, signal: AbortSignal): Promise<Recording> {
  const { path, gapSeconds, markers: withMarkers } = options;
  const scan = await scanXdf(path, withMarkers, signal);
  const stream = chooseStream(scan, options);
  const selection = selectChannels(stream, options);
  const found = await segmentsOf(path, stream, gapSeconds, signal);
  const damage = scan.damage ?? found.damage;
  const timeline = timelineOf(found.segments, stream.nominalRate, gapSeconds, path);
  const { sampleRate, contradictedRate, segments, breach } = timeline;
  const last = segments.at(-1);
  if (last === undefined) {
    throw new ChirpdError('XDF_STREAM', `${path}: stream "${stream.name}" has no sample that can be read`);
  }
  const started = startMicros(scan.datetime === undefined ? NaN : Date.parse(scan.datetime) / 1000);
  const notes = [
    ...(started === undefined ? ['without a date, 1970-01-01 taken'] : []),
    ...(contradictedRate === undefined ? [] : [`states ${contradictedRate} Hz, its time stamps say otherwise`]),
  ];
  const isWhole = breach === undefined && damage === undefined && scan.ending === 'complete';
  return {
    info: {
      type: 'info',
      channels: selection.candidates.map(({ signal: { name }, label }) => ({ label: label.label, sourceLabel: name })),
      leftOut: [...selection.leftOut(), ...otherStreams(scan, stream, withMarkers)],
      sampleRate,
      startTimeMicros: started ?? 0,
      source: `${basename(path)}, ${stream.name}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`,
      ...(isWhole ? { nSamplesTotal: last.firstSample + last.nSamples } : {}),
    },
    segments: () => recordingSegments(path, stream, selection, timeline, annotationsOf(scan, timeline), signal),
    checkEnding: () => {
      checkEnding(path, scan.ending, breach ?? damage);
    },
    close: () => Promise.resolve(),
  };
}

interface XdfSignal extends SelectableSignal {
  readonly index: number;
  readonly name: string;
}

/** @throws ChirpdError RECORDING_NO_EEG */
function selectChannels(stream: XdfStream, options: XdfOptions): EegSelection<XdfSignal> {
  const signals = Array.from({ length: stream.nChannels }, (_, index): XdfSignal => {
    const described = stream.channels[index];
    const name = described?.label === undefined || described.label === '' ? `channel ${index + 1}` : described.label;
    const isOther = described?.type !== undefined && !/^(?:EEG|i?EEG|ECoG|sEEG)$/i.test(described.type);
    return {
      index,
      name,
      label: name,
      unit: described?.unit ?? options.unit,
      ...(isOther ? { unusable: `not EEG by its type (${described.type ?? ''})` } : {}),
    };
  });
  const selection = new EegSelection(signals, options);
  selection.keepFirstOfEachLabel(({ index }) => `channel ${index + 1}`);
  if (selection.candidates.length > 0) return selection;
  const message = `${options.path}: no channel of stream "${stream.name}" is EEG (${selection.whyNothing()})`;
  throw new ChirpdError('RECORDING_NO_EEG', message);
}

/** Markers on the stream's clock, each by the clock of its own stream. */
function annotationsOf({ markers }: XdfScan, timeline: Timeline): readonly Annotation[] {
  const corrections = new Map<XdfStream, ClockCorrection>();
  return markers.map(({ stream, time, text }) => {
    const correction = corrections.get(stream) ?? new ClockCorrection(clockRanges(stream.clockOffsets));
    corrections.set(stream, correction);
    const onsetSeconds = streamSecondsAt(timeline, correction.correct(time));
    return { type: 'annotation', onsetSeconds, durationSeconds: 0, text };
  });
}

async function* recordingSegments(
  path: string,
  stream: XdfStream,
  selection: EegSelection<XdfSignal>,
  timeline: Timeline,
  annotations: readonly Annotation[],
  signal: AbortSignal,
): AsyncGenerator<RecordingSegment, void, void> {
  yield* annotations;
  const channels = selection.candidates.map(({ signal: { index }, scale }) => ({ index, scale }));
  yield* readSamples(path, stream, channels, timeline, signal);
}

/** @throws ChirpdError XDF_TIME_ORDER, XDF_DAMAGED, RECORDING_TRUNCATED */
function checkEnding(path: string, ending: XdfEnding, fault: ChirpdError | undefined): void {
  if (fault !== undefined) throw fault;
  if (ending === 'complete') return;
  const message = `${path}: is cut off. What lies before was read; copy the file again`;
  throw new ChirpdError('RECORDING_TRUNCATED', message);
}
