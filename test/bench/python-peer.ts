import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../daemon/package-root.js';
import type { Absent } from './result.js';
import type { Contender } from './rounds.js';

/** One core, as ours. */
const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

/** A Python program that does the work in a process of its own, and times itself; it sleeps while others have their turn. */
export class PythonPeer implements Contender {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(name: string, child: ChildProcess, lines: AsyncIterator<string>) {
    this.name = name;
    this.#child = child;
    this.#lines = lines;
  }

  /**
   * @param script of test/bench/peers, without .py
   * @param name of the peer, where it is absent
   */
  static async start(script: string, name: string, args: readonly string[]): Promise<PythonPeer | Absent> {
    let reason = 'there is no python3';
    for (const python of ['/usr/bin/python3', join(packageRoot(), '.venv/bin/python'), 'python3']) {
      if (python.includes('/') && !existsSync(python)) continue;
      const path = join(packageRoot(), 'test/bench/peers', `${script}.py`);
      const child = spawn(python, [path, ...args], { env: { ...process.env, ...ONE_THREAD } });
      let errors = '';
      child.on('error', () => undefined);
      child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const first = await lines.next();
      const said = first.done === true ? '' : first.value;
      if (said.startsWith('ready ')) return new PythonPeer(said.slice('ready '.length), child, lines);
      child.kill('SIGKILL');
      const last = errors.trim().split('\n').at(-1) ?? '';
      // A package that is not there is the usual reason; an error of another kind says more than it.
      if (last !== '' && (reason.includes('no python3') || !last.startsWith('ModuleNotFoundError'))) reason = last;
    }
    return { name, reason };
  }

  async run(times: number): Promise<number> {
    return Number(await this.#ask(`run ${times}`));
  }

  /** What the work gives. @param path a file to write it to */
  async result(path: string): Promise<Float64Array> {
    await this.#ask(`result ${path}`);
    const bytes = readFileSync(path);
    return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }

  async #ask(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`);
    const answer = await this.#lines.next();
    if (answer.done === true) throw new Error(`${this.name} ended while it was asked to ${line}`);
    return answer.value;
  }
}
