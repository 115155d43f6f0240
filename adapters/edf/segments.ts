import type { Annotation } from '../../pipelines/core/signal.js';
import { RecordClock } from './clock.js';
import type { EdfFile } from './file.js';
import type { EdfSelection } from './select.js';
import { parseRecordAnnotations } from './tal.js';

/** Records are read together up to this many bytes. */
const READ_BYTES = 512 * 1024;

/** Consecutive records; `bytes` are overwritten when the next segment is asked for. */
export interface EdfRun {
  readonly type: 'run';
  readonly firstSample: number;
  readonly nSamples: number;
  readonly bytes: Uint8Array;
}

export interface EdfGap {
  readonly type: 'gap';
  readonly firstSample: number;
  readonly nSamples: number;
}

/** Annotations of the records that follow, in file order; onsets count from the header's second, as written. */
export interface EdfNotes {
  readonly type: 'notes';
  readonly annotations: readonly Annotation[];
}

export type EdfSegment = EdfRun | EdfGap | EdfNotes;

/**
 * Reads a file from its first record to its last, a few records at a time, and puts them on the clock of the selected
 * signals.
 * @throws ChirpdError EDF_READ, EDF_TRUNCATED, EDF_TIMEKEEPING, EDF_RECORD_ORDER, after everything that lies before
 */
export async function* readSegments(file: EdfFile, selection: EdfSelection): AsyncGenerator<EdfSegment, void, void> {
  const { header, nRecords } = file;
  const { recordBytes, bytesPerSample } = header;
  const { samplesPerRecord, sampleRate } = selection;
  const isDiscontinuous = header.variant === 'discontinuous';
  const clock = new RecordClock({
    path: file.path,
    sampleRate,
    samplesPerRecord,
    recordSeconds: header.recordSeconds,
    isDiscontinuous,
  });
  const annotationSignals = header.signals.filter((signal) => signal.isAnnotation && signal.samplesPerRecord > 0);
  const recordsPerRead = Math.min(nRecords, Math.max(1, Math.floor(READ_BYTES / recordBytes)));
  const read = async (firstRecord: number, buffer: Uint8Array): Promise<Uint8Array> =>
    file.readRecords(firstRecord, Math.min(recordsPerRead, nRecords - firstRecord), buffer);
  // While what was read is decoded, what follows is read: from `next` into `spare`.
  let [buffer, spare] = [new Uint8Array(recordsPerRead * recordBytes), new Uint8Array(0)];
  let next = read(0, buffer);

  for (let firstRecord = 0; firstRecord < nRecords; firstRecord += recordsPerRead) {
    const bytes = await next;
    const nRead = bytes.length / recordBytes;
    if (firstRecord + nRead < nRecords) {
      if (spare.length === 0) spare = new Uint8Array(buffer.length);
      next = read(firstRecord + nRead, spare);
      // Told when it is asked for, after everything that lies before.
      next.catch(() => undefined);
      [buffer, spare] = [spare, buffer];
    }
    const onsets: (number | undefined)[] = [];
    const annotations: Annotation[] = [];
    for (let record = 0; record < nRead; record++) {
      annotationSignals.forEach((signal, i) => {
        const from = record * recordBytes + signal.byteOffset;
        const part = bytes.subarray(from, from + signal.samplesPerRecord * bytesPerSample);
        const found = parseRecordAnnotations(part, i === 0);
        annotations.push(...found.annotations);
        if (i === 0) onsets[record] = found.recordOnsetSeconds;
      });
    }
    if (annotations.length > 0) yield { type: 'notes', annotations };

    let runStart = 0;
    let runFirstSample = 0;
    const runUntil = (record: number): EdfRun => ({
      type: 'run',
      firstSample: runFirstSample,
      nSamples: (record - runStart) * samplesPerRecord,
      bytes: bytes.subarray(runStart * recordBytes, record * recordBytes),
    });
    for (let record = 0; record < nRead; record++) {
      let place;
      try {
        place = clock.place(onsets[record]);
      } catch (error) {
        if (record > runStart) yield runUntil(record);
        throw error;
      }
      if (record > 0 && place.gapSamples === 0) continue;
      if (record > runStart) yield runUntil(record);
      if (place.gapSamples > 0) {
        yield { type: 'gap', firstSample: place.firstSample - place.gapSamples, nSamples: place.gapSamples };
      }
      runStart = record;
      runFirstSample = place.firstSample;
    }
    yield runUntil(nRead);
  }
}
