import { ChirpdError } from '../../pipelines/core/errors.js';
import { microvoltsPerUnit } from '../replay/units.js';
import { csvCells, detectDialect, isValueCell, type CsvDialect } from './dialect.js';
import type { CsvOptions } from './options.js';

export interface CsvColumn {
  /** Place in a row, from 0. */
  readonly column: number;
  /** As the header has it. */
  readonly name: string;
  /** The name without its unit. */
  readonly label: string;
  readonly unit?: string;
}

export interface CsvHeader {
  readonly dialect: CsvDialect;
  readonly columns: readonly CsvColumn[];
  readonly timeColumn?: CsvColumn;
  readonly markerColumn?: CsvColumn;
  /** Number of the first row of samples, from 1. */
  readonly firstRowLine: number;
}

/** Rows by which a table is judged. */
const LOOKED_AT = 50;
const TIME_NAME =
  /^(?:t|times?|time ?stamps?|seconds?|secs?|ms|milliseconds?|date ?time|date|clock|unix ?time|lsl ?time(?: ?stamps?)?|elapsed(?: time)?)$/i;

/** True for lines that hold no cells: empty, or a comment. */
export function isPassedOver(line: string): boolean {
  return line.trim() === '' || /^\s*[#%]/.test(line);
}

/** `Fp1 (uV)`, `Fp1 [µV]`, `Fp1_uV`, `time_ms`: label and unit. */
export function splitUnit(name: string): { readonly label: string; readonly unit?: string } {
  const bracketed = /^(.*?)\s*[([]\s*([^()[\]]+?)\s*[)\]]$/.exec(name);
  if (bracketed?.[1]) return { label: bracketed[1].trim(), unit: bracketed[2] ?? '' };
  const suffixed = /^(.+?)[\s_/](\S+)$/.exec(name);
  const [, label = '', unit = ''] = suffixed ?? [];
  const isUnit = (unit.length > 1 && microvoltsPerUnit(unit) !== undefined) || /^(?:s|sec|ms|us|µs|ns)$/i.test(unit);
  return isUnit ? { label: label.trim(), unit } : { label: name };
}

/**
 * Reads how a table is written and what its columns are called.
 * @param lines the beginning of the file
 * @throws ChirpdError CSV_HEADER, CSV_NO_DATA
 */
export function parseCsvHeader(lines: readonly string[], options: CsvOptions): CsvHeader {
  const { path, columns: givenNames, skipLines } = options;
  const content = lines
    .map((line, i) => ({ line: i === 0 ? line.replace(/^\uFEFF/, '') : line, number: i + 1 }))
    .filter(({ line, number }) => number > skipLines && !isPassedOver(line));
  const fail = (message: string): never => {
    throw new ChirpdError('CSV_HEADER', `${path}: ${message}`);
  };
  if (content.length < 2) {
    throw new ChirpdError('CSV_NO_DATA', `${path}: holds no line of names with rows of samples below it`);
  }
  // The rows below what may be lines of names and units.
  const rowsBelow = content.slice(2, LOOKED_AT).map(({ line }) => line);
  const dialect = detectDialect(rowsBelow.length > 0 ? rowsBelow : [content[1]?.line ?? ''], options);
  const cellsAt = (i: number): string[] => csvCells(content[i]?.line ?? '', dialect).map((cell) => cell.trim());
  const first = cellsAt(0);
  const hasNames = !first.every((cell) => isValueCell(cell, dialect));
  if (!hasNames && givenNames === undefined) {
    fail(`its first line (${quoted(first)}) names no columns. Name them with option columns`);
  }
  let firstRow = hasNames ? 1 : 0;
  const second = cellsAt(firstRow);
  const hasUnits =
    hasNames &&
    second.some((cell) => microvoltsPerUnit(cell) !== undefined) &&
    !second.some((cell) => cell !== '' && isValueCell(cell, dialect));
  if (hasUnits) firstRow++;
  const row = content[firstRow];
  if (row === undefined) throw new ChirpdError('CSV_NO_DATA', `${path}: holds no rows below its names`);
  const names = givenNames ?? first;
  const cells = cellsAt(firstRow);
  const endsWithDelimiter = cells.length === names.length + 1 && cells.at(-1) === '';
  if (cells.length !== names.length && !endsWithDelimiter) {
    const whose = givenNames === undefined ? 'its line of names' : 'option columns';
    fail(
      `${whose} has ${names.length} names (${quoted(names)}), its first row ${cells.length} cells (${quoted(cells)}). Name each column with option columns, or state the delimiter`,
    );
  }
  const columns = names.map((name, column): CsvColumn => {
    const { label, unit } = splitUnit(name);
    const statedUnit = unit ?? (hasUnits ? second[column] : undefined);
    return { column, name, label, ...(statedUnit === undefined || statedUnit === '' ? {} : { unit: statedUnit }) };
  });
  const timeColumn = findTimeColumn(columns, options);
  const markerColumn = options.markerColumn === undefined ? undefined : named(columns, options.markerColumn);
  if (options.markerColumn !== undefined && markerColumn === undefined) {
    fail(`has no column "${options.markerColumn}" (option markerColumn). It has ${quoted(names)}`);
  }
  return {
    dialect,
    columns,
    firstRowLine: row.number,
    ...(timeColumn === undefined ? {} : { timeColumn }),
    ...(markerColumn === undefined ? {} : { markerColumn }),
  };
}

function quoted(cells: readonly string[]): string {
  const told = cells.slice(0, 12).map((cell) => JSON.stringify(cell.slice(0, 40)));
  return told.join(', ') + (cells.length > 12 ? ', ...' : '');
}

function named(columns: readonly CsvColumn[], wanted: string): CsvColumn | undefined {
  const text = wanted.trim().toUpperCase();
  return columns.find(({ name, label }) => name.toUpperCase() === text || label.toUpperCase() === text);
}

function findTimeColumn(columns: readonly CsvColumn[], { path, timeColumn }: CsvOptions): CsvColumn | undefined {
  if (timeColumn === 'none') return undefined;
  if (timeColumn === 'auto') return columns.find(({ label }) => TIME_NAME.test(label.replaceAll('_', ' ')));
  const found = named(columns, timeColumn);
  if (found !== undefined) return found;
  const message = `${path}: has no column "${timeColumn}" (option timeColumn). It has ${quoted(columns.map(({ name }) => name))}`;
  throw new ChirpdError('CSV_HEADER', message);
}
