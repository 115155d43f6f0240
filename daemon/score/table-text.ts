import { ChirpdError } from '../../pipelines/core/errors.js';

/** One row of a table file. */
export interface TableRow {
  /** Place in the file, from 1. */
  readonly line: number;
  /** Cell by column name, trimmed; undefined where the file has no such column. */
  readonly cell: (column: string) => string | undefined;
}

/** A delimited text with a header line. */
export interface Table {
  /** The file, for error messages. */
  readonly path: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

/**
 * Reads comma- or tab-separated text, cells quoted as in RFC 4180 where they must be; blank lines are passed over.
 *
 * @param required columns that must be there, in any order; others may be there too
 * @throws ChirpdError SCORE_TABLE
 */
export function parseTable(text: string, path: string, delimiter: ',' | '\t', required: readonly string[]): Table {
  const fail = (line: number, problem: string): never => {
    throw new ChirpdError('SCORE_TABLE', `${path}:${String(line)}: ${problem}`);
  };
  const [header, ...records] = recordsOf(text, delimiter, fail);
  if (header === undefined) return fail(1, `is empty; its first line names the columns: ${required.join(', ')}`);
  const columns = header.cells.map((name) => name.trim());
  const missing = required.filter((name) => !columns.includes(name));
  if (missing.length > 0) fail(header.line, `the first line names no column ${missing.join(', ')}`);
  if (new Set(columns).size < columns.length) fail(header.line, 'the first line names a column twice');
  const rows = records.map(({ line, cells }): TableRow => {
    if (cells.length !== columns.length)
      fail(line, `${String(cells.length)} cells in place of ${String(columns.length)}`);
    return { line, cell: (column) => cells[columns.indexOf(column)]?.trim() };
  });
  return { path, columns, rows };
}

/**
 * A cell's number.
 * @throws ChirpdError SCORE_TABLE where it is none, or below `minimum`
 */
export function numberCell({ path }: Table, { line, cell }: TableRow, column: string, minimum = -Infinity): number {
  const text = cell(column) ?? '';
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (!Number.isFinite(value) || value < minimum) {
    const wanted = minimum > -Infinity ? `a number from ${String(minimum)}` : 'a number';
    throw new ChirpdError('SCORE_TABLE', `${path}:${String(line)}: ${column} is "${text}", not ${wanted}`);
  }
  return value;
}

interface TextRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

function recordsOf(
  text: string,
  delimiter: string,
  fail: (line: number, problem: string) => never,
): readonly TextRecord[] {
  const records: TextRecord[] = [];
  const plain = text.startsWith('\u{FEFF}') ? text.slice(1) : text;
  const cellPattern = new RegExp(
    `(?:"([^"]*(?:""[^"]*)*)"|([^"\\r\\n${delimiter}][^\\r\\n${delimiter}]*)?)(${delimiter}|\\r?\\n|\\r|$)`,
    'y',
  );
  let line = 1;
  let cells: string[] = [];
  let startLine = 1;
  while (cellPattern.lastIndex < plain.length || cells.length > 0) {
    const match = cellPattern.exec(plain);
    if (match === null) return fail(line, 'a quote stands where none may');
    const [, quoted, bare, end] = match;
    cells.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    line += (quoted?.split('\n').length ?? 1) - 1;
    if (end === delimiter) continue;
    if (cells.some((cell) => cell.trim() !== '')) records.push({ line: startLine, cells });
    cells = [];
    startLine = ++line;
  }
  return records;
}
