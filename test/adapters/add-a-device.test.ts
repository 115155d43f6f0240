import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../../daemon/package-root.js';

const ROOT = packageRoot();
/** What the page's example needs of the project. */
const COPIED = ['adapters', 'pipelines/core', 'test/adapters', 'test/until.ts', 'package.json', 'tsconfig.json'];

interface CodeBlock {
  /** File, and for what is to be put into one that is there already, where. */
  readonly title: string;
  readonly code: string;
}

function codeBlocks(markdown: string): readonly CodeBlock[] {
  return [...markdown.matchAll(/^```ts (.+)\n([^]*?)^```$/gm)].map(([, title, code]) => ({
    title: title!,
    code: code!,
  }));
}

async function outputOf(
  folder: string,
  file: string,
  ...args: readonly string[]
): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, TAP: '1' };
    const child = execFile(file, [...args], { cwd: folder, env }, (_, stdout) => {
      resolve({ code: child.exitCode ?? 1, stdout });
    });
  });
}

/** Puts a block where its title says. */
function place(folder: string, { title, code }: CodeBlock): void {
  const [name, where] = title.split(' ') as [string, string | undefined];
  const path = join(folder, name);
  if (where === undefined) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code);
    return;
  }
  const before = readFileSync(path, 'utf8');
  const after =
    where === 'import' ? code + before : before.replace('export const ADAPTERS = {\n', (line) => line + code);
  if (after.length !== before.length + code.length) throw new Error(`${title}: found no place`);
  writeFileSync(path, after);
}

t.test('what "Add a device in an afternoon" says is true to the letter', async (t) => {
  const blocks = codeBlocks(readFileSync(join(ROOT, 'adapters/ADD-A-DEVICE.md'), 'utf8'));
  t.ok(blocks.length >= 7, `${String(blocks.length)} pieces of code`);
  const folder = t.testdir();
  for (const path of COPIED) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const block of blocks) place(folder, block);

  const config = {
    extends: './tsconfig.json',
    include: ['adapters/registry.ts', 'adapters/nori', 'test/adapters/nori.test.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.nori.json'), JSON.stringify(config));
  t.same(
    await outputOf(folder, join(ROOT, 'node_modules/.bin/tsc'), '-p', 'tsconfig.nori.json', '--noEmit'),
    { code: 0, stdout: '' },
    'strict types',
  );
  // As this test itself is run: with the hooks that read TypeScript.
  const { code, stdout } = await outputOf(folder, process.execPath, ...process.execArgv, 'test/adapters/nori.test.ts');
  t.equal(code, 0, 'the suite of live adapters passes');
  t.match(stdout, /^# time=/m);
  if (code !== 0) t.comment(stdout);
});
