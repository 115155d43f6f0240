import { spawn } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../../../daemon/package-root.js';

const START = join(packageRoot(), 'daemon/launch/start.mjs');
const STOP_LIMIT_MS = 5000;
const ADDRESS = /Open the board: (http:\S+)\n/;

/** `npm start` without npm; everything is installed and built, as tests need it to be. */
class Start {
  output = '';
  readonly #child;
  readonly exited: Promise<number | null>;

  constructor(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.exited = new Promise((resolve) => this.#child.on('exit', resolve));
  }

  async boardUrl(): Promise<string> {
    while (!ADDRESS.test(this.output) && this.#child.exitCode === null) await pause(50);
    const url = ADDRESS.exec(this.output)?.[1];
    if (url === undefined) throw new Error(`no address:\n${this.output}`);
    return url;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}v1/health`)).ok;
  } catch {
    return false;
  }
}

t.test('says what it does, passes signals on and keeps the exit code', async (t) => {
  const start = new Start(process.execPath, [START, '--port', '0', '--data', t.testdir()]);
  const url = await start.boardUrl();
  t.match(start.output, /^\[chirpd\] Node \d+/);
  t.match(start.output, /\[chirpd\] Starting the daemon/);
  t.ok(await answers(url));
  const startedMs = performance.now();
  start.kill('SIGTERM');
  t.equal(await start.exited, 0);
  t.ok(performance.now() - startedMs < STOP_LIMIT_MS);
  t.notOk(await answers(url), 'the daemon is gone');
});

t.test('files count from where the person stands, and errors keep their code', async (t) => {
  const folder = t.testdir({ 'wrong.edf': 'no recording' });
  const start = new Start(process.execPath, [START, 'wrong.edf'], { INIT_CWD: folder });
  t.equal(await start.exited, 4);
  t.match(start.output, `${folder}/wrong.edf`);
});

t.test('stops when the npm that started it is gone', async (t) => {
  const shell = `"${process.execPath}" "${START}" --port 0 --data "${t.testdir()}" & wait`;
  const start = new Start('/bin/sh', ['-c', shell], { npm_lifecycle_event: 'start' });
  const url = await start.boardUrl();
  start.kill('SIGKILL');
  const startedMs = performance.now();
  while (await answers(url)) {
    if (performance.now() - startedMs > STOP_LIMIT_MS) break;
    await pause(50);
  }
  t.notOk(await answers(url), 'the daemon stopped');
});
