/** How the cells of a table are written. */
export interface CsvDialect {
  /** A space stands for any blanks. */
  readonly delimiter: string;
  readonly decimalComma: boolean;
}

const DELIMITERS = ['\t', ';', ',', '|', ' '] as const;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const NUMBER_WITH_COMMA = /^[+-]?(?:\d+,?\d*|,\d+)(?:e[+-]?\d+)?$/i;

/** The cells of a line, without the quotes around them. */
export function csvCells(line: string, { delimiter }: Pick<CsvDialect, 'delimiter'>): string[] {
  if (delimiter === ' ') return line.trim().split(/\s+/);
  if (!line.includes('"')) return line.split(delimiter);
  const cells: string[] = [];
  for (let at = 0; ;) {
    const start = /\S/.exec(line.slice(at));
    if (start?.[0] === '"') {
      let text = '';
      let end = at + start.index + 1;
      for (;;) {
        const quote = line.indexOf('"', end);
        if (quote < 0) return [...cells, text + line.slice(end)];
        text += line.slice(end, quote);
        end = quote + 1;
        if (line[end] !== '"') break;
        text += '"';
        end++;
      }
      cells.push(text);
      const next = line.indexOf(delimiter, end);
      if (next < 0) return cells;
      at = next + delimiter.length;
    } else {
      const next = line.indexOf(delimiter, at);
      cells.push(line.slice(at, next < 0 ? undefined : next));
      if (next < 0) return cells;
      at = next + delimiter.length;
    }
  }
}

/** NaN where a cell holds no number. */
export function csvNumber(cell: string | undefined, { decimalComma }: CsvDialect): number {
  const text = cell?.trim() ?? '';
  if (text === '') return NaN;
  return Number(decimalComma ? text.replace(',', '.') : text);
}

/** True for what a row of samples holds: a number, a time, or nothing. */
export function isValueCell(cell: string, { decimalComma }: CsvDialect): boolean {
  const text = cell.trim();
  const isNumber = (decimalComma ? NUMBER_WITH_COMMA : NUMBER).test(text);
  return isNumber || /^(?:|nan|na|null|-?inf(?:inity)?)$/i.test(text) || /^\d[\d-]*[T ]?\d*:\d\d(?::\d\d)?/.test(text);
}

/**
 * Judges a table by its first rows: of the ways to cut them into the same number of cells, the one with the most that
 * hold values.
 */
export function detectDialect(
  rows: readonly string[],
  wanted: { readonly delimiter: string; readonly decimal: string },
): CsvDialect {
  let best: CsvDialect = { delimiter: ',', decimalComma: wanted.decimal === ',' };
  let bestScore = -1;
  for (const delimiter of wanted.delimiter === 'auto' ? DELIMITERS : [wanted.delimiter]) {
    for (const decimalComma of wanted.decimal === 'auto' ? [false, true] : [wanted.decimal === ',']) {
      if (decimalComma && delimiter === ',') continue;
      const dialect = { delimiter, decimalComma };
      const cells = rows.map((row) => csvCells(row, dialect));
      const nFirst = cells[0]?.length ?? 0;
      const shareEven = cells.filter(({ length }) => length === nFirst).length / Math.max(1, cells.length);
      const all = cells.flat();
      const shareValues = all.filter((cell) => isValueCell(cell, dialect)).length / Math.max(1, all.length);
      // What is equally good with a point and a comma has neither; more columns break other ties.
      const score = shareEven * shareValues * (nFirst > 1 ? 1 : 0.5) - (decimalComma ? 1e-6 : 0) + nFirst * 1e-9;
      if (score > bestScore) {
        bestScore = score;
        best = dialect;
      }
    }
  }
  return best;
}
