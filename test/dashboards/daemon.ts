import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = `${ROOT}/dist/daemon/main.js`;
const START_TIMEOUT_MS = 60_000;

/** Builds the daemon and the board where that has not been done. */
export function ensureBuilt(): void {
  if (existsSync(MAIN) && existsSync(`${ROOT}/dist/dashboards/web/index.html`)) return;
  execFileSync(process.execPath, [`${ROOT}/daemon/launch/build.mjs`], { cwd: ROOT, stdio: 'ignore' });
}

/** The daemon itself, as a process that can be killed and frozen. */
export class RunningDaemon {
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#process = child;
    this.url = url;
  }

  /** Resolves when it has printed the board's address. */
  static async start(configPath: string): Promise<RunningDaemon> {
    const child = spawn(process.execPath, [MAIN, 'run', '--config', configPath], { cwd: ROOT });
    let text = '';
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`the daemon named no address:\n${text}`));
      }, START_TIMEOUT_MS);
      const read = (chunk: Buffer): void => {
        text += chunk.toString();
        const found = /http:\/\/[\w.[\]:]+\d\/?/.exec(text);
        if (found === null) return;
        clearTimeout(timer);
        resolve(found[0]);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.on('exit', (code) => {
        reject(new Error(`the daemon exited with ${String(code)}:\n${text}`));
      });
    });
    return new RunningDaemon(child, url);
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process.kill(name);
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}
