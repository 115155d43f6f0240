import { ChirpdError } from '../../pipelines/core/errors.js';
import type { RecordingSegment } from '../replay/recording.js';
import { blockSamplesAt } from '../replay/replay.js';
import { RowRuns } from '../replay/row-runs.js';
import { ByteReader } from './byte-reader.js';
import { chunksOf, TAG } from './chunks.js';
import { ChunkSamples } from './sample-reader.js';
import { numberTaker, type XdfStream } from './stream.js';
import type { Timeline } from './timeline.js';

/** Chunks may hold a whole recording: what is decoded together is bounded. */
const SAMPLES_AT_ONCE = 1024;

/**
 * The samples of a stream on the clock of its timeline. A sample of which some value is no number is a gap. Damage ends
 * them: the scan has found it before.
 * @throws ChirpdError RECORDING_OPEN, RECORDING_READ
 */
export async function* readSamples(
  path: string,
  stream: XdfStream,
  channels: readonly { readonly index: number; readonly scale: number }[],
  { segments, sampleRate }: Timeline,
  signal: AbortSignal,
): AsyncGenerator<RecordingSegment, void, void> {
  const runs = new RowRuns(channels.length, blockSamplesAt(sampleRate));
  const all = new Float64Array(stream.nChannels);
  const values = new Float64Array(channels.length);
  const take = numberTaker(stream.format);
  let segment = 0;
  let index = 0;
  let nMissing = 0;
  let ready: RecordingSegment[] = [];
  const closeGap = (): void => {
    if (nMissing > 0) ready.push(...runs.gap(nMissing, 'recording-gap'));
    nMissing = 0;
  };
  const visit = (): void => {
    for (let channel = 0; channel < all.length; channel++) all[channel] = take(reader);
    while (segments[segment + 1]?.firstIndex === index) nMissing += segments[++segment]?.gapSamples ?? 0;
    const end = segments[segment];
    if (end === undefined || index >= end.firstIndex + end.nSamples) return;
    index++;
    channels.forEach(({ index: place, scale }, channel) => {
      values[channel] = Math.fround((all[place] as number) * scale);
    });
    if (!values.every(Number.isFinite)) {
      nMissing++;
      return;
    }
    closeGap();
    const run = runs.push(values);
    if (run !== undefined) ready.push(run);
  };
  const reader = await ByteReader.open(path, signal);
  try {
    for await (const chunk of chunksOf(reader)) {
      if (chunk === 'truncated') break;
      if (chunk.tag !== TAG.samples || !(await reader.need(4)) || reader.uint32() !== stream.id) continue;
      const samples = new ChunkSamples(reader, chunk, stream);
      let state;
      do {
        state = await samples.read(SAMPLES_AT_ONCE, visit);
        const found = ready;
        ready = [];
        yield* found;
      } while (state === 'more');
      if (state === 'truncated') break;
    }
  } catch (error) {
    if (!(error instanceof ChirpdError) || error.code !== 'XDF_DAMAGED') throw error;
    yield* ready;
  } finally {
    await reader.close();
  }
  const rest = runs.flush();
  if (rest !== undefined) yield rest;
  if (nMissing > 0) yield* runs.gap(nMissing, 'recording-gap');
}
