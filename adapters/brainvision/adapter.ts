import { basename } from 'node:path';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { Annotation, StreamInfo, StreamItem } from '../../pipelines/core/signal.js';
import type { Adapter } from '../adapter.js';
import { DiskFile } from '../replay/disk-file.js';
import { finiteRuns } from '../replay/finite-runs.js';
import type { Recording, RecordingSegment } from '../replay/recording.js';
import { blockSamplesAt, replay } from '../replay/replay.js';
import { EegSelection } from '../replay/select.js';
import { readAsciiLines, readAsciiRows } from './ascii.js';
import { binaryExtent, readBinary, type BinaryExtent, type DataChannel } from './binary.js';
import { parseHeader, type BrainVisionChannel, type BrainVisionHeader } from './header.js';
import { markerText, parseMarkers } from './markers.js';
import type { BrainVisionOptions } from './options.js';
import { readSections } from './sections.js';
import { sampleOfPoint, timelineOf, type Timeline } from './timeline.js';

/** Replays BrainVision recordings. Errors: `BRAINVISION_...`, `RECORDING_...`, see adapters/README.md. */
export const brainVisionAdapter: Adapter<BrainVisionOptions, StreamItem> = {
  kind: 'brainvision',
  open: (options, context) => replay(() => openBrainVision(options), context),
};

async function openBrainVision(options: BrainVisionOptions): Promise<Recording> {
  const { path } = options;
  const header = parseHeader(await readSections(path, 'Header'), path);
  const { sampleRate, markerPath } = header;
  const markers = markerPath === undefined ? [] : parseMarkers(await readSections(markerPath, 'Marker'));
  const timeline = timelineOf(markers, sampleRate, path);
  const labels = header.channels.map(({ label }) => label);
  const annotations = markers.map((marker): Annotation => ({
    type: 'annotation',
    onsetSeconds: sampleOfPoint(timeline.pieces, marker.point) / sampleRate,
    durationSeconds: marker.nPoints / sampleRate,
    text: markerText(marker, labels),
  }));
  const selection = selectChannels(header, options);
  const streamed = selection.candidates.map(({ signal, scale }) => ({
    index: signal.index,
    scale: signal.resolution * scale,
  }));
  const file = await DiskFile.open(header.dataPath);
  try {
    const extent = header.data.type === 'binary' ? binaryExtent(header, streamed, file.sizeBytes) : undefined;
    if (extent?.nPoints === 0 || file.sizeBytes === 0) {
      const message = `${header.dataPath}: holds no sample of all ${header.channels.length} channels. It is empty or cut off`;
      throw new ChirpdError('BRAINVISION_NO_DATA', message);
    }
    return {
      info: streamInfo(path, header, selection, timeline, extent),
      segments: () => segments(file, header, streamed, extent, timeline, annotations),
      checkEnding: () => {
        checkEnding(header, extent);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** @throws ChirpdError RECORDING_NO_EEG, BRAINVISION_HEADER (the resolution of a streamed channel is no number) */
function selectChannels(header: BrainVisionHeader, options: BrainVisionOptions): EegSelection<BrainVisionChannel> {
  const { path } = options;
  const selection = new EegSelection(header.channels, options);
  selection.keepFirstOfEachLabel(({ index }) => `channel ${index + 1}`);
  if (selection.candidates.length === 0) {
    throw new ChirpdError('RECORDING_NO_EEG', `${path}: no channel is EEG (${selection.whyNothing()})`);
  }
  for (const { signal } of selection.candidates) {
    const size = Math.abs(signal.resolution);
    if (size >= 1e-15 && size <= 1e15) continue;
    const message = `${path}: the resolution of channel ${signal.index + 1} (${JSON.stringify(signal.label)}) is no usable number. Correct the header, or leave the channel out with option exclude`;
    throw new ChirpdError('BRAINVISION_HEADER', message);
  }
  return selection;
}

function streamInfo(
  path: string,
  { sampleRate }: BrainVisionHeader,
  selection: EegSelection<BrainVisionChannel>,
  { startMicros, pieces, breach }: Timeline,
  extent: BinaryExtent | undefined,
): StreamInfo {
  const nPoints = extent === undefined || breach !== undefined ? undefined : extent.nPoints;
  const note = startMicros === undefined ? ' (without a date, 1970-01-01 taken)' : '';
  return {
    type: 'info',
    channels: selection.candidates.map(({ signal, label }) => ({ label: label.label, sourceLabel: signal.label })),
    leftOut: selection.leftOut(),
    sampleRate,
    startTimeMicros: startMicros ?? 0,
    source: basename(path) + note,
    ...(nPoints === undefined ? {} : { nSamplesTotal: sampleOfPoint(pieces, nPoints - 1) + 1 }),
  };
}

/** @throws ChirpdError BRAINVISION_SEGMENT_ORDER, BRAINVISION_NO_DATA and those of reading */
async function* segments(
  file: DiskFile,
  header: BrainVisionHeader,
  streamed: readonly DataChannel[],
  extent: BinaryExtent | undefined,
  { pieces, breach }: Timeline,
  annotations: readonly Annotation[],
): AsyncGenerator<RecordingSegment, void, void> {
  yield* annotations;
  const blockSamples = blockSamplesAt(header.sampleRate);
  const chunks =
    extent !== undefined
      ? readBinary(file, header, streamed, extent, blockSamples)
      : header.isVectorized
        ? readAsciiLines(file, header, streamed, blockSamples)
        : readAsciiRows(file, header, streamed);
  let piece = 0;
  let nRead = 0;
  for await (const { firstPoint, samples } of chunks) {
    const end = firstPoint + (samples[0]?.length ?? 0);
    for (let from = firstPoint; from < end;) {
      if (breach?.point === from) throw breach.error;
      const next = pieces[piece + 1];
      if (next?.firstPoint === from) {
        piece++;
        const { firstSample, gapSamples } = next;
        yield { type: 'gap', firstSample: firstSample - gapSamples, nSamples: gapSamples, reason: 'recording-gap' };
      }
      const to = Math.min(end, pieces[piece + 1]?.firstPoint ?? end, breach?.point ?? end);
      yield* finiteRuns(
        sampleOfPoint(pieces, from),
        samples.map((values) => values.subarray(from - firstPoint, to - firstPoint)),
      );
      from = to;
    }
    nRead = end;
  }
  if (nRead === 0) {
    throw new ChirpdError(
      'BRAINVISION_NO_DATA',
      `${file.path}: holds no sample of all channels. It is empty or cut off`,
    );
  }
}

/** @throws ChirpdError RECORDING_TRUNCATED, BRAINVISION_SURPLUS */
function checkEnding({ dataPath, nPoints }: BrainVisionHeader, extent: BinaryExtent | undefined): void {
  if (extent === undefined || extent.ending === 'complete') return;
  if (extent.ending === 'truncated') {
    const promised = nPoints === undefined ? 'ends within a sample' : `the header promises ${nPoints} data points`;
    const message = `${dataPath}: is cut off: ${promised}, ${extent.nPoints} are whole. Those were read; copy the file again`;
    throw new ChirpdError('RECORDING_TRUNCATED', message);
  }
  const message = `${dataPath}: holds more than the ${nPoints ?? 0} data points that the header states. Those were read; take the line DataPoints out of the header to read all`;
  throw new ChirpdError('BRAINVISION_SURPLUS', message);
}
