import { Parser } from 'tap-parser';

/**
 * Reads a TAP stream as it comes. Counted are the test points that hold no others; a file or subtest that failed without
 * a failed point in it (it crashed, hung, or broke its plan) counts as one failure.
 */
export class TapResults {
  nPassed = 0;
  /** Failed points: where, and the diagnostics as text. */
  failures = [];
  /** Skipped points: where, and the reason. */
  skipped = [];
  parser;

  /** @param {(file: FileResult) => void} onFile called when a test file is through */
  constructor(onFile) {
    this.parser = new Parser();
    this.#follow(this.parser, [], onFile);
  }

  #follow(parser, path, onFile) {
    let child;
    let before = this.#counts();
    parser.on('child', (childParser) => {
      child = childParser;
      before = this.#counts();
      this.#follow(childParser, [...path, childParser.name]);
    });
    parser.on('assert', (result) => {
      const isSummary = child !== undefined && child.name === result.name;
      child = undefined;
      if (!isSummary) this.#count(result, path);
      else if (!result.ok && this.failures.length === before.nFailed) this.#fail(result, path);
      if (onFile !== undefined) onFile(this.#fileResult(result, before));
      before = this.#counts();
    });
    parser.on('bailout', (reason) => {
      if (path.length === 0) this.failures.push({ where: 'bail out', text: String(reason) });
    });
  }

  #count(result, path) {
    if (result.skip || result.todo) {
      const reason = result.skip || result.todo;
      this.skipped.push({ where: [...path, result.name].join(' > '), reason: reason === true ? '' : String(reason) });
    } else if (result.ok) this.nPassed++;
    else this.#fail(result, path);
  }

  #fail({ name, diag }, path) {
    this.failures.push({ where: [...path, name].join(' > '), text: diagnosticText(diag) });
  }

  #counts() {
    return { nPassed: this.nPassed, nFailed: this.failures.length, nSkipped: this.skipped.length };
  }

  #fileResult({ name, time }, before) {
    const now = this.#counts();
    return {
      name,
      seconds: (time ?? 0) / 1000,
      nPassed: now.nPassed - before.nPassed,
      nFailed: now.nFailed - before.nFailed,
      nSkipped: now.nSkipped - before.nSkipped,
    };
  }
}

/** Fields of a failed point that help; the rest is about tap itself. */
const SHOWN = [
  'error',
  'message',
  'expired',
  'timeout',
  'exitCode',
  'signal',
  'stack',
  'at',
  'diff',
  'found',
  'wanted',
];

function diagnosticText(diag) {
  if (!diag) return '';
  return SHOWN.flatMap((key) => {
    const value = diag[key];
    if (value === undefined || value === null) return [];
    if (key === 'at') return [`at: ${value.fileName}:${value.lineNumber}`];
    return [`${key}: ${typeof value === 'string' ? value.trimEnd() : JSON.stringify(value)}`];
  }).join('\n');
}
