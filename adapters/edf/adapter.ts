import { ChirpdError } from '../../pipelines/core/errors.js';
import type { StreamItem } from '../../pipelines/core/signal.js';
import type { Adapter } from '../adapter.js';
import type { Recording, RecordingSegment, SampleRun } from '../replay/recording.js';
import { replay } from '../replay/replay.js';
import { decodeRecords } from './decode-records.js';
import { EdfFile } from './file.js';
import { edfStreamInfo, recordOnset } from './info.js';
import { MissingSamples } from './missing.js';
import type { EdfOptions } from './options.js';
import { readSegments } from './segments.js';
import { selectSignals, type EdfSelection } from './select.js';

/** Replays EDF and BDF files. Errors: `EDF_...`, see adapters/README.md. */
export const edfAdapter: Adapter<EdfOptions, StreamItem> = {
  kind: 'edf',
  open: (options, context) => replay(() => openEdf(options), context),
};

async function openEdf(options: EdfOptions): Promise<Recording> {
  const file = await EdfFile.open(options.path);
  try {
    const selection = selectSignals(file.header, options);
    const firstOnset = (await recordOnset(file, 0)) ?? 0;
    return {
      info: await edfStreamInfo(file, selection, firstOnset),
      segments: () => recordingSegments(file, selection, firstOnset),
      checkEnding: () => {
        checkEnding(file);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** @param firstOnset start of the first record from the header's second: what onsets in the file count from */
async function* recordingSegments(
  file: EdfFile,
  selection: EdfSelection,
  firstOnset: number,
): AsyncGenerator<RecordingSegment, void, void> {
  const missing = file.header.marksMissing ? new MissingSamples(file.header, selection.samplesPerRecord) : undefined;
  for await (const segment of readSegments(file, selection)) {
    if (segment.type === 'notes') {
      for (const { onsetSeconds, ...note } of segment.annotations) {
        yield { ...note, onsetSeconds: onsetSeconds - firstOnset };
      }
    } else if (segment.type === 'gap') {
      yield { ...segment, reason: 'recording-gap' };
    } else {
      const run: SampleRun = {
        ...segment,
        decode: (from, nSamples) => decodeRecords(segment.bytes, file.header, selection, from, nSamples),
      };
      if (missing === undefined) yield run;
      else yield* missing.cut(run, segment.bytes);
    }
  }
}

/** @throws ChirpdError EDF_TRUNCATED, EDF_SURPLUS once everything that can be read has been emitted */
function checkEnding({ header, nRecords, nRecordsInFile, path, ending }: EdfFile): void {
  if (ending === 'truncated') {
    const message = `${path}: is cut off: the header promises ${header.nRecordsDeclared} records, ${nRecords} are whole. Those were read; copy the file again, or set the number of records to ${nRecords}`;
    throw new ChirpdError('EDF_TRUNCATED', message);
  }
  if (ending === 'surplus') {
    const message = `${path}: has room for ${nRecordsInFile} records, the header states ${nRecords}. Those were read; set the number of records to -1 to read all`;
    throw new ChirpdError('EDF_SURPLUS', message);
  }
}
