import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { packageRoot } from '../../../daemon/package-root.js';
import { DaemonProcess } from '../../e2e/daemon-process.js';

const ROOT = packageRoot();
/** Files that the daemon reads as code before it serves; without the bundle there were 1,230. */
const MOST_FILES = 150;
/** What the bundle leaves where it is. */
const LEFT_OUT =
  /^(lmdb|msgpackr|serialport|@serialport\/|@harperfast\/extended-iterable|node-gyp-build|detect-libc|weak-lru-cache|ordered-binary)/;

/** Writes down each file that is loaded as code. */
const NOTES = `
import { appendFileSync } from 'node:fs';
import Module, { register } from 'node:module';
const file = process.env.LOADED;
const load = Module._extensions['.js'];
Module._extensions['.js'] = (module, path) => {
  appendFileSync(file, path + '\\n');
  return load(module, path);
};
const hook = "import { appendFileSync } from 'node:fs'; export async function load(url, context, next) {" +
  " if (url.startsWith('file:')) appendFileSync(" + JSON.stringify(file) + ", new URL(url).pathname + '\\\\n'); return next(url, context); }";
register('data:text/javascript,' + encodeURIComponent(hook));
`;

t.test('a start reads a few files of code, and of packages only those with native code', async (t) => {
  const folder = t.testdir({ 'notes.mjs': NOTES });
  const loaded = join(folder, 'loaded.txt');
  writeFileSync(loaded, '');
  const wrapper = ['env', `LOADED=${loaded}`];
  const nodeArguments = ['--import', pathToFileURL(join(folder, 'notes.mjs')).href];
  const args = ['run', '--port', '0', '--data', join(folder, 'data'), '--log-json'];
  const daemon = new DaemonProcess(args, { wrapper, nodeArguments });
  t.teardown(() => daemon.kill());
  const address = await daemon.ready();
  const files = new Set(readFileSync(loaded, 'utf8').split('\n').filter(Boolean));
  // The process of the model has code of its own.
  const own = [...files].filter((path) => !/\/(models|onnxruntime-[a-z]+)\//.test(path));
  t.ok(own.some((path) => path.endsWith('dist/daemon/main.js')));
  t.ok(own.length < MOST_FILES, `${own.length} files`);
  const packages = own.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  t.strictSame([...new Set(packages.filter((name) => !LEFT_OUT.test(name)))], []);
  t.equal((await fetch(new URL('/v1/openapi.json', address))).status, 200, 'the documents of the API are found');
  t.equal((await fetch(address)).status, 200, 'and the board');
  daemon.signal('SIGTERM');
  t.equal((await daemon.exited).code, 0);
});

t.test('the licence of each package in the bundle is beside it', (t) => {
  const text = readFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
  for (const name of ['fastify', 'rxjs', 'zod', 'yaml', 'pino', 'ws', 'commander', 'influx', 'prom-client']) {
    t.match(text, new RegExp(`^${name} \\d[^ ]* \\(.+\\)$`, 'm'));
  }
  t.ok(text.split('Permission is hereby granted').length > 30, 'with its text');
  t.notOk(existsSync(join(ROOT, 'dist/daemon/main.js.map')), 'no map of another program lies beside it');
  t.end();
});
