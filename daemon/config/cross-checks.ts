import { type Stats, statSync } from 'node:fs';
import { isLoopback } from '../access/exposure.js';
import type { Config } from './schema.js';
import type { ConfigProblem } from './problem.js';

/** What a schema cannot see: names that must be unique, files that must be there. */
export function crossCheck(config: Config): readonly ConfigProblem[] {
  return [...duplicateNames(config), ...missingFiles(config), ...exposed(config)];
}

/** Whether there is a token is not known before the daemon starts. */
function exposed({ server }: Config): readonly ConfigProblem[] {
  const { host, tls, authentication, insecure } = server;
  if (isLoopback(host) || insecure) return [];
  const instead = 'or server.insecure: true, where the network itself keeps others out';
  return [
    ...(tls === undefined
      ? [
          {
            path: ['server', 'host'],
            message: `others than this machine can reach ${host}: add server.tls: { certificate, key }, ${instead}`,
          },
        ]
      : []),
    ...(authentication === 'none'
      ? [
          {
            path: ['server', 'authentication'],
            message: `others than this machine can reach ${host}: leave this out, ${instead}`,
          },
        ]
      : []),
  ];
}

function duplicateNames({ beds }: Config): readonly ConfigProblem[] {
  return beds.flatMap(({ name }, i) => {
    const first = beds.findIndex((bed) => bed.name === name);
    return first === i
      ? []
      : [{ path: ['beds', i, 'name'], message: `"${name}" is already the name of beds[${String(first)}]` }];
  });
}

function missingFiles({ beds, model, server: { tls } }: Config): readonly ConfigProblem[] {
  const files = beds.map(({ adapter }, i) => ({ path: ['beds', i, 'adapter', 'path'], file: adapter['path'] }));
  return [
    ...files.flatMap(({ path, file }) => (typeof file === 'string' ? wrongKind(file, 'file', path) : [])),
    ...(tls === undefined ? [] : wrongKind(tls.certificate, 'file', ['server', 'tls', 'certificate'])),
    ...(tls === undefined ? [] : wrongKind(tls.key, 'file', ['server', 'tls', 'key'])),
    ...(model.path === undefined ? [] : wrongKind(model.path, 'folder', ['model', 'path'])),
    ...(model.adapters === undefined ? [] : wrongKind(model.adapters, 'folder', ['model', 'adapters'])),
  ];
}

function wrongKind(name: string, wanted: 'file' | 'folder', path: readonly PropertyKey[]): readonly ConfigProblem[] {
  let stats: Stats | undefined;
  try {
    stats = statSync(name, { throwIfNoEntry: false });
  } catch (error) {
    // A file where a folder should be, a name that is too long or holds a zero byte, a folder that is not for us.
    const reason = (error as NodeJS.ErrnoException).code ?? '';
    return [{ path, message: `there is no ${wanted} to be had at ${JSON.stringify(name.slice(0, 200))} (${reason})` }];
  }
  if (stats === undefined) return [{ path, message: `there is no ${wanted} ${name}` }];
  const isWanted = wanted === 'folder' ? stats.isDirectory() : !stats.isDirectory();
  return isWanted ? [] : [{ path, message: `${name} is not a ${wanted}` }];
}
