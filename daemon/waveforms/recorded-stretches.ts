import { decodeRecords } from '../../adapters/edf/decode-records.js';
import { EdfFile } from '../../adapters/edf/file.js';
import type { EdfHeader } from '../../adapters/edf/header.js';
import { MissingSamples } from '../../adapters/edf/missing.js';
import { calibrationOf } from '../../adapters/edf/samples.js';
import { type EdfSelection, sampleRateOf } from '../../adapters/edf/select.js';
import { microvoltsPerUnit } from '../../adapters/replay/units.js';
import { isChirpdError } from '../../pipelines/core/errors.js';
import { classifyLabels } from '../../pipelines/core/labels.js';
import type { Channel, StreamInfo } from '../../pipelines/core/signal.js';
import { fileLabels } from '../recording/file-header.js';
import type { RecordedFile } from '../recording/recorder.js';
import { type Reading, samplesInOneGo } from './reading.js';
import type { Span } from './span.js';
import { isSameRate, samplesIn, type StreamPlace, type Stretch, timeMicros } from './stretch.js';

/** Records are read together up to this many bytes. */
const READ_BYTES = 128 << 10;

/** What is known of a bed's streams beside its files. */
export interface KnownStreams {
  /** The newest first: their channels have names that a file cuts short. */
  readonly infos: readonly StreamInfo[];
  /** Of the stream that runs: a file of it lies on its clock to the microsecond. */
  readonly place: Pick<StreamPlace, 'startTimeMicros' | 'sampleRate'>;
}

/** The signals of a file of the recorder: all of them, as they were streamed. */
type FileSignals = Pick<EdfSelection, 'signals' | 'calibrations' | 'samplesPerRecord' | 'sampleRate' | 'channels'>;

/**
 * What a recording holds of some spans, also one that is being written: records beyond `file.endMicros` are not looked at.
 * Nothing of one that has been deleted meanwhile.
 *
 * @throws ChirpdError EDF_... where it cannot be read
 */
export async function readRecordedStretches(
  file: RecordedFile,
  spans: readonly Span[],
  known: KnownStreams,
  reading: Reading,
): Promise<readonly Stretch[]> {
  const edf = await openIfThere(file.path);
  if (edf === undefined) return [];
  try {
    return await read(edf, file, spans, known, reading);
  } finally {
    await edf.close();
  }
}

async function read(
  edf: EdfFile,
  { startMicros, endMicros }: RecordedFile,
  spans: readonly Span[],
  known: KnownStreams,
  reading: Reading,
): Promise<readonly Stretch[]> {
  const { header } = edf;
  const { recordBytes, recordSeconds } = header;
  const signals = signalsOf(header, known.infos);
  const { samplesPerRecord, channels } = signals;
  const recordMicros = recordSeconds * 1e6;
  const inFile = (micros: number): number => Math.min(endMicros, Math.max(startMicros, micros)) - startMicros;
  const begin = Math.floor(inFile(Math.min(...spans.map(({ fromMicros }) => fromMicros))) / recordMicros);
  const end = Math.ceil(inFile(Math.max(...spans.map(({ toMicros }) => toMicros))) / recordMicros - 1e-6);
  const place = placeOf(startMicros, signals.sampleRate, known);
  const missing = new MissingSamples(header, samplesPerRecord);
  const recordsPerRead = Math.max(1, Math.floor(READ_BYTES / recordBytes));
  const buffer = new Uint8Array(recordsPerRead * recordBytes);
  const nInOneGo = samplesInOneGo(channels.length);
  const stretches: Stretch[] = [];
  for (let record = begin; record < end; record += recordsPerRead) {
    const nRecords = Math.min(recordsPerRead, end - record);
    const bytes = await edf.readRecords(record, nRecords, buffer);
    const firstSample = record * samplesPerRecord;
    const decode = (from: number, n: number): readonly Float32Array[] => decodeRecords(bytes, header, signals, from, n);
    const records = { type: 'run', firstSample, nSamples: nRecords * samplesPerRecord, decode } as const;
    for (const run of missing.cut(records, bytes)) {
      if (run.type !== 'run') continue;
      const runPlace = { ...place, firstSample: place.firstSample + run.firstSample };
      for (const span of spans) {
        const { from, to } = samplesIn(runPlace, run.nSamples, span);
        for (let at = from; at < to; at += nInOneGo) {
          const nSamples = Math.min(nInOneGo, to - at);
          reading.hold(nSamples * channels.length);
          const samples = run.decode(at, nSamples);
          stretches.push({ ...runPlace, firstSample: runPlace.firstSample + at, channels, nSamples, samples });
          await reading.breathe();
        }
      }
    }
    await reading.breathe();
  }
  return stretches;
}

function signalsOf(header: EdfHeader, infos: readonly StreamInfo[]): FileSignals {
  const signals = header.signals.filter(({ isAnnotation }) => !isAnnotation);
  const samplesPerRecord = signals[0]?.samplesPerRecord ?? 1;
  return {
    signals,
    calibrations: signals.map((signal) => calibrationOf(signal, microvoltsPerUnit(signal.unit) ?? 1)),
    samplesPerRecord,
    sampleRate: sampleRateOf(samplesPerRecord, header.recordSeconds),
    channels: channelsOf(
      signals.map(({ label }) => label),
      infos,
    ),
  };
}

/** The channels that were recorded: those of a stream whose file would have these labels, else what the labels say. */
function channelsOf(labels: readonly string[], infos: readonly StreamInfo[]): readonly Channel[] {
  const info = infos.find(({ channels }) => {
    const ofFile = channels.length === labels.length ? fileLabels(channels) : [];
    return ofFile.length > 0 && ofFile.every((label, i) => label === labels[i]);
  });
  if (info !== undefined) return info.channels;
  return classifyLabels(labels).map(({ label }, i) => ({ label, sourceLabel: labels[i] ?? '' }));
}

/** Of a file's first sample: on the clock of the bed's stream where it is of that, else on one that begins with the file. */
function placeOf(startMicros: number, sampleRate: number, { place }: KnownStreams): StreamPlace {
  if (place.sampleRate > 0 && isSameRate(sampleRate, place.sampleRate)) {
    const firstSample = Math.round(((startMicros - place.startTimeMicros) / 1e6) * place.sampleRate);
    const onStream = { startTimeMicros: place.startTimeMicros, sampleRate: place.sampleRate, firstSample };
    if (timeMicros(onStream, 0) === startMicros) return onStream;
  }
  return { startTimeMicros: startMicros, sampleRate, firstSample: 0 };
}

async function openIfThere(path: string): Promise<EdfFile | undefined> {
  try {
    return await EdfFile.open(path);
  } catch (error) {
    const isGone =
      isChirpdError(error, 'EDF_OPEN') && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
    if (isGone) return undefined;
    throw error;
  }
}
