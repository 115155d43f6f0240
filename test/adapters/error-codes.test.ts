import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

/** Areas of the adapters, as the code of an error begins. */
const AREAS = 'ADAPTER|RECORDING|EDF|BRAINVISION|XDF|OPENBCI|CSV|LSL|PUSH|RAW';
const CODE = new RegExp(`\\b(?:${AREAS})_[A-Z_]+\\b`, 'g');
const THROWN = new RegExp(`'((?:${AREAS})_[A-Z_]+)'`, 'g');

void t.test('every error code of the adapters is documented, and every documented one exists', (t) => {
  const sources = readdirSync('adapters', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join('adapters', name), 'utf8').replace(/\/\*\*[^]*?\*\/|\/\/.*/g, ''));
  const thrown = new Set(sources.flatMap((source) => [...source.matchAll(THROWN)].map((match) => match[1])));
  const rows = readFileSync('adapters/README.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const documented = new Set(rows.flatMap((row) => row.slice(0, 30).match(CODE) ?? []));
  t.same([...documented].sort(), [...thrown].sort());
  t.ok(thrown.size >= 19);
  t.end();
});
