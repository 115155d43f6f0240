import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import t, { type Test } from 'tap';
import type { TimelineMessage } from '../../../daemon/protocol/messages.js';
import { chromiumPath, launchChromium } from '../../dashboards/browser.js';
import { BusyBeds } from '../../e2e/busy-beds.js';
import { runArguments } from '../../e2e/config-file.js';
import { DaemonProcess } from '../../e2e/daemon-process.js';
import { readTimeline } from '../../e2e/read-timeline.js';
import { freePort } from '../../free-port.js';
import { until } from '../../until.js';

t.setTimeout(240_000);

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const executable = chromiumPath();
if (process.env['CI'] === 'true') t.ok(executable !== undefined, 'nothing is skipped here');

/** Somebody's program for Node, by async iterator: prints as many timeline messages as it is told to. */
const NODE_PROGRAM = `
import { isChirpdError, isTimelineMessage, Subscriber, type EventMessage } from 'chirpd/client';

const [url, count] = process.argv.slice(2);
if (url === undefined) throw new Error('which daemon?');
const subscriber = new Subscriber({ url, topics: ['events', 'alarms'], since: 0 });
const said = (event: EventMessage): string => \`\${event.bed} \${event.phase} \${event.score.toFixed(2)}\`;
let n = 0;
try {
  for await (const message of subscriber) {
    if (!isTimelineMessage(message)) continue;
    if (message.type === 'event') said(message);
    process.stdout.write(JSON.stringify(message) + '\\n');
    if (++n === Number(count)) break;
  }
} catch (error) {
  if (isChirpdError(error)) process.stderr.write(error.code);
  throw error;
}
subscriber.close();
`;

/** Somebody's page, by RxJS. */
const BROWSER_PROGRAM = `
import { filter, from } from 'rxjs';
import { isTimelineMessage, Subscriber, type TimelineMessage } from 'chirpd/client';

declare global {
  interface Window { heard: TimelineMessage[]; states: string[]; nReconnects: () => number; }
}
const url = new URLSearchParams(location.search).get('daemon') ?? '';
const subscriber = new Subscriber({ url, topics: ['events', 'alarms'], since: 0, longestRetryMs: 500 });
window.heard = [];
window.states = [];
window.nReconnects = () => subscriber.figures.nReconnects;
from(subscriber.state$).subscribe(({ type }) => window.states.push(type));
from(subscriber.messages$)
  .pipe(filter(isTimelineMessage))
  .subscribe((message) => window.heard.push(message));
`;

/** What the programs must not be able to write. */
const WRONG_PROGRAM = `
import { Subscriber } from 'chirpd/client';
new Subscriber({ url: 'http://127.0.0.1', topics: ['chirps'] });
`;

const STRICT = {
  target: 'ES2023',
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
};

/** A project with the packed chirpd installed in it, as \`npm install chirpd.tgz\` lays it out. */
async function makeProject(t: Test): Promise<string> {
  const project = t.testdir({
    'package.json': JSON.stringify({ name: 'ward-display', type: 'module', private: true }),
    'node.ts': NODE_PROGRAM,
    'page.ts': BROWSER_PROGRAM,
    'wrong.ts': WRONG_PROGRAM,
  });
  const config = (name: string, compilerOptions: object): void => {
    const options = { ...STRICT, ...compilerOptions };
    writeFileSync(
      join(project, `tsconfig.${name}.json`),
      JSON.stringify({ compilerOptions: options, files: [`${name}.ts`] }),
    );
  };
  config('node', { module: 'nodenext', lib: ['ES2023'], types: ['node'], outDir: 'out' });
  config('page', { module: 'esnext', moduleResolution: 'bundler', lib: ['ES2023', 'DOM'], types: [], noEmit: true });
  config('wrong', { module: 'nodenext', lib: ['ES2023'], types: [], noEmit: true });
  await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', project], { cwd: ROOT });
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz'))!;
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, 'chirpd'), { recursive: true });
  await run('tar', ['-xzf', join(project, tarball), '-C', join(modules, 'chirpd'), '--strip-components=1']);
  const { dependencies } = JSON.parse(readFileSync(join(modules, 'chirpd/package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of [...Object.keys(dependencies), '@types/node', 'undici-types']) {
    mkdirSync(join(modules, name, '..'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  return project;
}

async function compile(project: string, name: string): Promise<string> {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const config = join(project, `tsconfig.${name}.json`);
  return run(process.execPath, [tsc, '-p', config]).then(
    () => '',
    (error: unknown) => (error as { stdout: string }).stdout,
  );
}

async function serve(t: Test, script: string): Promise<string> {
  const server: Server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><script src="/page.js"></script>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

t.test('a project that installed the package: types, Node, and a page in Chromium', async (t) => {
  const project = await makeProject(t);
  t.equal(await compile(project, 'node'), '', 'compiles for Node, libraries checked, nothing of a browser around');
  t.equal(await compile(project, 'page'), '', 'compiles for a browser, nothing of Node around');
  t.match(await compile(project, 'wrong'), /"chirps"' is not assignable/, 'an unknown topic is an error');
  const { outputFiles, warnings } = await build({
    entryPoints: [join(project, 'page.ts')],
    ...{ bundle: true, platform: 'browser', format: 'iife', minify: true, write: false, logLevel: 'silent' },
  });
  t.same(warnings, []);
  const script = outputFiles[0]!.text;
  t.ok(script.length < 100_000, `a page with the client and RxJS is ${script.length} bytes`);
  const origin = await serve(t, script);

  const data = join(project, 'data');
  const beds = new BusyBeds(project);
  const port = await freePort();
  const config = (group: number): readonly string[] => {
    const path = beds.config(group, 40);
    const parsed = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...parsed, server: { port, allowedOrigins: [origin] } }));
    return runArguments(path, data);
  };
  const start = async (group: number): Promise<DaemonProcess> => {
    const daemon = new DaemonProcess(config(group));
    t.teardown(() => daemon.kill());
    await daemon.ready();
    return daemon;
  };
  const address = `http://127.0.0.1:${port}/`;

  const first = await start(0);
  const browser = executable === undefined ? undefined : await launchChromium(executable);
  t.teardown(() => browser?.close());
  const page = await browser?.newPage();
  const errors: string[] = [];
  page?.on('pageerror', (error) => errors.push(error.message));
  await page?.goto(`${origin}/?daemon=${encodeURIComponent(address)}`);
  const enough = async (): Promise<boolean> => (await readTimeline(address)).length > 20;
  await until(enough, 'something to tell', 60_000);
  await first.kill();
  const second = await start(1);
  const nBefore = (await readTimeline(address)).length;
  await until(async () => (await readTimeline(address)).length > nBefore + 10, 'more to tell', 60_000);
  const stored = await readTimeline(address);

  const { stdout } = await run(process.execPath, [join(project, 'out/node.js'), address, String(stored.length)]);
  const printed = stdout.trim().split('\n');
  t.same(
    printed.map((line) => JSON.parse(line) as TimelineMessage),
    stored,
    'Node: every record, once, in order',
  );

  if (page !== undefined) {
    await page.waitForFunction((n) => (window as unknown as Page).heard.length >= n, stored.length);
    const heard = await page.evaluate(() => (window as unknown as Page).heard);
    t.same(heard.slice(0, stored.length), stored, 'Chromium: every record, once, in order, over a SIGKILL');
    t.ok((await page.evaluate(() => (window as unknown as Page).nReconnects())) >= 1);
    t.match(await page.evaluate(() => (window as unknown as Page).states), /live,lost,.*live/);
    t.same(errors, []);
  }
  await second.kill();
});

interface Page {
  readonly heard: readonly TimelineMessage[];
  readonly states: readonly string[];
  nReconnects(): number;
}
