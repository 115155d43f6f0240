import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { ConfigInput } from '../../../daemon/config/schema.js';
import { ROLES, type Role } from '../../../daemon/protocol/roles.js';
import { Chirpd, chirpd } from '../cli/chirpd.js';

export interface GuardedDaemon {
  readonly url: string;
  readonly folder: string;
  readonly dataFolder: string;
  readonly daemon: Chirpd;
  /** A token of each role, called as the role. */
  readonly tokens: Readonly<Record<Role, string>>;
}

/** Makes a token on the command line, as a person would. */
export async function addToken(dataFolder: string, name: string, role: Role): Promise<string> {
  const { code, stdout, stderr } = await chirpd(['token', 'add', name, '--role', role, '--data', dataFolder]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** A daemon with a made-up bed, one that takes pushes, one that is an alarm, and a token of each role. */
export async function startGuardedDaemon(t: Test, server: ConfigInput['server'] = {}): Promise<GuardedDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-access-'));
  const dataFolder = join(folder, 'data');
  const tokens: Partial<Record<Role, string>> = {};
  for (const role of ROLES) tokens[role] = await addToken(dataFolder, role, role);
  const config = join(folder, 'config.yaml');
  const damaged = join(folder, 'damaged.edf');
  writeFileSync(damaged, 'not EDF');
  const beds = [
    { name: 'made-up', adapter: { kind: 'synthetic', seed: 3, nChannels: 2 } },
    { name: 'pushed', montage: 'recorded', adapter: { kind: 'push' } },
    { name: 'broken', adapter: { kind: 'edf', path: damaged } },
  ];
  writeFileSync(config, JSON.stringify({ server: { port: 0, ...server }, replays: { folders: [folder] }, beds }));
  const daemon = new Chirpd(['run', '--config', config, '--data', dataFolder]);
  t.teardown(async () => {
    await daemon.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });
  // The model takes its time, and nobody here needs it.
  const [, url = ''] = await daemon.printed(/WebSocket ready +url=(\S+)/, 120_000);
  return { url, folder, dataFolder, daemon, tokens: tokens as Record<Role, string> };
}

export function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
