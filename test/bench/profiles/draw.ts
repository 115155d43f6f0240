import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { flameGraph } from './flame-graph.js';
import { frameNames } from './frame-names.js';

/**
 * Draws each CPU profile of a folder that has no picture yet, beside it.
 *
 * @param skipSeconds of the beginning, left out
 * @returns the pictures' paths
 */
export function drawProfiles(folder: string, title: string, skipSeconds: number): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => ({ from: join(folder, name), to: join(folder, name.replace(/cpuprofile$/, 'svg')) }))
    .filter(({ to }) => !existsSync(to))
    .map(({ from, to }) => {
      const profile = JSON.parse(readFileSync(from, 'utf8')) as Profiler.Profile;
      writeFileSync(to, flameGraph(profile, { title, skipSeconds, nameOf: frameNames() }));
      return to;
    });
}
