import type { Annotation } from '../../pipelines/core/signal.js';

/** What the annotation signal of one record says. Times count from the header's date and second, as written. */
export interface RecordAnnotations {
  /** Start of the record, from its timekeeping annotation; absent where that is missing or unreadable. */
  readonly recordOnsetSeconds?: number;
  readonly annotations: readonly Annotation[];
  /** Lists that follow no grammar: skipped, counted. */
  readonly nMalformed: number;
}

const SEPARATOR = 0x14;
const ONSET = /^[+-]\d+(?:\.\d*)?$/;
const DURATION = /^\d+(?:\.\d*)?$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** EDF+ texts are UTF-8; older writers put Latin-1. */
function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

/**
 * Parses the time-stamped annotation lists (EDF+ 2.2.2) of one record.
 * @param bytes the samples of one annotation signal as bytes
 * @param keepsTime true for the first annotation signal of a file: its first list tells the record's start
 */
export function parseRecordAnnotations(bytes: Uint8Array, keepsTime: boolean): RecordAnnotations {
  const annotations: Annotation[] = [];
  let recordOnsetSeconds: number | undefined;
  let nMalformed = 0;
  let isFirst = keepsTime;
  let from = 0;
  while (from < bytes.length) {
    if (bytes[from] === 0) {
      from++;
      continue;
    }
    const zero = bytes.indexOf(0, from);
    const end = zero < 0 ? bytes.length : zero;
    const list = bytes.subarray(from, end);
    from = end + 1;
    const headEnd = list.indexOf(SEPARATOR);
    const [onsetText = '', durationText, ...rest] = decodeText(list.subarray(0, Math.max(0, headEnd))).split('\x15');
    const isDurationGood = durationText === undefined || durationText === '' || DURATION.test(durationText);
    if (list[list.length - 1] !== SEPARATOR || !ONSET.test(onsetText) || !isDurationGood || rest.length > 0) {
      nMalformed++;
      isFirst = false;
      continue;
    }
    const onsetSeconds = Number(onsetText);
    const durationSeconds = durationText === undefined ? 0 : Number(durationText);
    const texts = decodeText(list.subarray(headEnd + 1, -1)).split('\x14');
    if (isFirst && texts[0] === '') recordOnsetSeconds = onsetSeconds;
    isFirst = false;
    for (const text of texts)
      if (text !== '') annotations.push({ type: 'annotation', onsetSeconds, durationSeconds, text });
  }
  return { ...(recordOnsetSeconds === undefined ? {} : { recordOnsetSeconds }), annotations, nMalformed };
}
