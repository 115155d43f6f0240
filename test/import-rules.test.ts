import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../daemon/package-root.js';

/** Small trees in which each line breaks one rule, or none. */
const FILES: Readonly<Record<string, string>> = {
  'pipelines/core/a.ts': "import 'node:fs'; export const a = 1;",
  'pipelines/b.ts':
    "import 'rxjs'; import './core/a.js'; import type { m } from '../models/m.js'; export type B = typeof m;",
  'adapters/c.ts': "import 'node:fs'; import 'zod'; import 'ws'; export const c = 1;",
  'models/m.ts': "import 'onnxruntime-node'; import '../adapters/c.js'; export const m = 1;",
  'daemon/protocol/p.ts': "import 'msgpackr'; import 'node:fs'; export const p = 1;",
  'daemon/client/node.ts': "import 'ws'; export const n = 1;",
  'daemon/client/x.ts': "import 'ws'; export const x = 1;",
  'daemon/d.ts':
    "import 'fastify'; import 'typescript'; import '../test/t.js'; import './main.js'; export const d = 1;",
  'daemon/main.ts': "import './circle.js'; export const main = 1;",
  'daemon/circle.ts': "import { other } from './circle2.js'; export const circle = () => other;",
  'daemon/circle2.ts': "import { circle } from './circle.js'; export const other = () => circle;",
  'dashboards/web/w.ts':
    "import '../../daemon/protocol/p.js'; import '../../daemon/client/x.js'; import '../../daemon/client/node.js'; import '../../daemon/d.js'; import './gone.js';",
  'test/t.ts': "import '../pipelines/b.js'; import 'tap'; export const t = 1;",
};

const BROKEN = [
  ['adapters', 'adapters/c.ts', 'ws'],
  ['daemon-client', 'daemon/client/x.ts', 'ws'],
  ['daemon-protocol', 'daemon/protocol/p.ts', 'fs'],
  ['dashboards', 'dashboards/web/w.ts', 'daemon/client/node.ts'],
  ['dashboards', 'dashboards/web/w.ts', 'daemon/d.ts'],
  ['imports-resolve', 'dashboards/web/w.ts', './gone.js'],
  ['models', 'models/m.ts', 'adapters/c.ts'],
  ['no-circular', 'daemon/circle.ts', 'daemon/circle2.ts'],
  ['nothing-imports-test', 'daemon/d.ts', 'test/t.ts'],
  ['only-test-imports-main', 'daemon/d.ts', 'daemon/main.ts'],
  ['packages-are-declared', 'daemon/d.ts', 'typescript'],
  ['pipelines', 'pipelines/b.ts', 'models/m.ts'],
  ['pipelines-core', 'pipelines/core/a.ts', 'fs'],
] as const;

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
}

t.test('every import rule is broken by what breaks it', (t) => {
  const root = packageRoot();
  const folder = t.testdir();
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
    copyFileSync(join(root, name), join(folder, name));
  }
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const script = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const folders = ['adapters', 'daemon', 'dashboards', 'models', 'pipelines', 'test'];
  const args = [script, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  t.equal(stderr, '');
  const { summary } = JSON.parse(stdout) as { summary: { violations: readonly Violation[] } };
  const found = summary.violations.map(({ rule, from, to }) => [rule.name, from, to] as const);
  for (const [rule, from, to] of BROKEN) {
    t.ok(
      found.some((each) => each[0] === rule && each[1] === from && each[2].includes(to)),
      `${rule}: ${from} must not import ${to}`,
    );
  }
  const expected = new Set(BROKEN.map(([rule, from]) => `${rule} ${from}`));
  t.same(
    found.map(([rule, from]) => `${rule} ${from}`).filter((each) => !expected.has(each) && !each.startsWith('daemon ')),
    [],
    'and by nothing else',
  );
  t.end();
});
