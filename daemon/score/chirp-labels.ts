import { PROFILE_NAMES, type ProfileName } from '../../pipelines/core/profile.js';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { Interval } from './interval.js';
import { numberCell, parseTable, type Table, type TableRow } from './table-text.js';

interface Marked extends Interval {
  /** Path of the recording, or the end of it. */
  readonly file: string;
  /** Of the canvas it was marked on; undefined: any. */
  readonly profile: ProfileName | undefined;
  /** Empty: in whatever derivations the daemon looks at. */
  readonly derivations: readonly string[];
}

/** A chirp as a person marked it. */
export interface ChirpLabel extends Marked {
  readonly startHz: number;
  readonly endHz: number;
}

/** A stretch that a person found to hold no chirp. */
export type EmptyLabel = Marked;

/** Comma-separated: file,onset_s,offset_s,start_hz,end_hz and, if known, profile and derivations. @throws ChirpdError SCORE_TABLE */
export function parseChirpLabels(text: string, path: string): readonly ChirpLabel[] {
  const table = parseTable(text, path, ',', ['file', 'onset_s', 'offset_s', 'start_hz', 'end_hz']);
  return table.rows.map((row) => ({
    ...marked(table, row, 'onset_s', 'offset_s'),
    startHz: numberCell(table, row, 'start_hz', 0),
    endHz: numberCell(table, row, 'end_hz', 0),
  }));
}

/** Comma-separated: file,start_s,end_s and, if known, profile and derivations. @throws ChirpdError SCORE_TABLE */
export function parseEmptyLabels(text: string, path: string): readonly EmptyLabel[] {
  const table = parseTable(text, path, ',', ['file', 'start_s', 'end_s']);
  return table.rows.map((row) => marked(table, row, 'start_s', 'end_s'));
}

/**
 * Whether a label is of a recording: its file is the recording's path, or the last parts of it. Endings do not count, so
 * that labels stay good for a recording that was converted.
 */
export function isLabelOf({ file }: { readonly file: string }, recording: string): boolean {
  const [labelled, whole] = [file.replace(/^\.\//, ''), recording].map((path) => path.replace(/\.\w+$/, ''));
  return whole === labelled || whole!.endsWith(`/${labelled!}`);
}

function marked(table: Table, row: TableRow, onset: string, offset: string): Marked {
  const fail = (problem: string): never => {
    throw new ChirpdError('SCORE_TABLE', `${table.path}:${String(row.line)}: ${problem}`);
  };
  const file = row.cell('file') ?? '';
  if (file === '') fail('no file is named');
  const onsetSeconds = numberCell(table, row, onset, 0);
  const offsetSeconds = numberCell(table, row, offset, 0);
  if (!(offsetSeconds > onsetSeconds)) fail(`${offset} is not later than ${onset}`);
  const named = row.cell('profile') ?? '';
  const profile = PROFILE_NAMES.find((name) => name === named);
  if (named !== '' && profile === undefined) fail(`"${named}" is no band profile (${PROFILE_NAMES.join(', ')})`);
  const derivations = (row.cell('derivations') ?? '')
    .split(';')
    .map((label) => label.trim())
    .filter((label) => label !== '' && label !== 'all');
  return { file, profile, derivations, onsetSeconds, offsetSeconds };
}
