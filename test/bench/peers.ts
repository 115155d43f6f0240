import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PythonPeer } from './python-peer.js';
import type { Absent } from './result.js';
import { type CheckedPeer, type Contender, largestDifference } from './rounds.js';

/** Who is compared, what they must give, and who cannot be here. Python peers end with `stop`. */
export class Peers {
  readonly here: CheckedPeer[] = [];
  readonly absent: Absent[] = [];
  readonly #folder: string;
  /** Of ours. */
  readonly #result: ArrayLike<number>;
  readonly #checked: string;
  readonly #running: PythonPeer[] = [];

  /** @param checked what `result` is, such as `every column, dB` */
  constructor(folder: string, result: ArrayLike<number>, checked: string) {
    this.#folder = folder;
    this.#result = result;
    this.#checked = checked;
  }

  /** @param tolerance largest difference from ours, in the units of the result */
  add(peer: Contender, result: ArrayLike<number>, tolerance: number): void {
    const difference = largestDifference(this.#result, result);
    const run: Contender['run'] = (times) => peer.run(times);
    this.here.push({ name: peer.name, run, difference, tolerance, checked: this.#checked });
  }

  async addPython(script: string, name: string, args: readonly (string | number)[], tolerance: number): Promise<void> {
    const peer = await PythonPeer.start(script, name, args.map(String));
    if (!(peer instanceof PythonPeer)) {
      this.absent.push(peer);
      return;
    }
    this.#running.push(peer);
    this.add(peer, await peer.result(join(this.#folder, `${script}.f64`)), tolerance);
  }

  stop(): void {
    for (const peer of this.#running) peer.stop();
  }
}

/** Writes numbers as raw float32 for a Python peer. @returns the path */
export function writeFloats(folder: string, name: string, arrays: readonly Float32Array[]): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat(arrays.map((each) => Buffer.from(each.buffer, each.byteOffset, each.byteLength))));
  return path;
}
