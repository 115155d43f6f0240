import { readFileSync } from 'node:fs';
import type { Runtime } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import type { FrameName } from './flame-graph.js';

/** The bundler writes above what it took from a file where it took it from; what is not bundled lies in files of its own. */
const MODULE_COMMENT = /^\/\/ ((?:[\w@.-]+\/)+[\w.-]+)$/;

/** Names the frames of a bundled daemon by the modules that their code was written in. */
export function frameNames(): (frame: Runtime.CallFrame) => FrameName {
  const files = new Map<string, readonly string[]>();
  return ({ functionName, url, lineNumber }) => {
    const called = functionName === '' ? '(anonymous)' : functionName;
    if (url === '') return { text: called, kind: 'v8' };
    if (url.startsWith('node:')) return { text: `${called} (${url})`, kind: 'node' };
    let modules = files.get(url);
    if (modules === undefined) files.set(url, (modules = modulesByLine(url)));
    const module = modules[lineNumber] ?? url.slice(url.lastIndexOf('/') + 1);
    const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1];
    // What a package does within itself is its own affair.
    if (inPackage !== undefined) return { text: inPackage, kind: 'package' };
    return { text: `${called} (${module})`, kind: 'chirpd' };
  };
}

/** @returns for each line of a file, the module that it is of; nothing of a file that cannot be read */
function modulesByLine(url: string): readonly string[] {
  if (!url.startsWith('file:')) return [];
  try {
    const path = fileURLToPath(url);
    let module = moduleOf(path);
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => (module = MODULE_COMMENT.exec(line)?.[1] ?? module));
  } catch {
    return [];
  }
}

/** A whole file, by its folder under `node_modules` or `dist`, or its name alone. */
function moduleOf(path: string): string {
  const inPackages = path.lastIndexOf('/node_modules/');
  if (inPackages >= 0) return path.slice(inPackages + 1);
  const inBuild = path.lastIndexOf('/dist/');
  return path.slice(inBuild >= 0 ? inBuild + '/dist/'.length : path.lastIndexOf('/') + 1);
}
