// Builds dist/ from the sources: `npm run build`. `npm start` and `npm test` call ensureBuilt and build only after a change.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram, say, step, StepError } from './steps.mjs';

const SOURCE_FOLDERS = ['adapters', 'daemon', 'dashboards', 'models', 'pipelines'];
const SOURCE_FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
/** Not sources: large, or written by training runs. */
const NOT_SOURCES = new Set(['models/released', 'models/training']);

/** Paths relative to the root of every file under a folder. */
function filesUnder(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (NOT_SOURCES.has(path)) return [];
    if (entry.isDirectory()) return filesUnder(root, path);
    return entry.isFile() ? [path] : [];
  });
}

/** Changes when a source is edited, added, moved or removed. */
function sourceStamp(root) {
  const hash = createHash('sha256');
  const folders = SOURCE_FOLDERS.filter((folder) => existsSync(join(root, folder)));
  for (const path of [...SOURCE_FILES, ...folders.flatMap((folder) => filesUnder(root, folder).sort())]) {
    const { size, mtimeMs } = statSync(join(root, path));
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

const stampFile = (root) => join(root, 'dist/.sources');

async function compile(root) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--listEmittedFiles'];
  const listed = await runProgram(process.execPath, args, { cwd: root, quiet: true, hide: /^TSFILE: / });
  const emitted = new Set(
    listed.split('\n').flatMap((line) => (line.startsWith('TSFILE: ') ? [relative(root, line.slice(8).trim())] : [])),
  );
  // What a source that is gone had left behind would still be importable.
  for (const folder of ['adapters', 'daemon', 'models', 'pipelines']) {
    if (!existsSync(join(root, 'dist', folder))) continue;
    for (const path of filesUnder(root, `dist/${folder}`)) if (!emitted.has(path)) rmSync(join(root, path));
  }
  const documents = join(root, 'daemon/launch/write-api-documents.mjs');
  await runProgram(process.execPath, [documents], { cwd: root, quiet: true });
  await runProgram(process.execPath, [join(root, 'daemon/launch/bundle.mjs')], { cwd: root, quiet: true });
  chmodSync(join(root, 'dist/daemon/main.js'), 0o755);
}

export async function build(root) {
  const stamp = sourceStamp(root);
  rmSync(stampFile(root), { force: true });
  await step('Compiling the daemon', () => compile(root));
  const dashboards = join(root, 'dashboards/build.mjs');
  if (!existsSync(dashboards)) throw new StepError('dashboards/build.mjs is missing: the board cannot be built');
  await step('Building the board', () => runProgram(process.execPath, [dashboards], { cwd: root, quiet: true }));
  writeFileSync(stampFile(root), stamp);
}

/** Builds if a source has changed since the last build. */
export async function ensureBuilt(root) {
  const upToDate = existsSync(stampFile(root)) && readFileSync(stampFile(root), 'utf8') === sourceStamp(root);
  if (!upToDate) await build(root);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await build(fileURLToPath(new URL('../..', import.meta.url)));
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
