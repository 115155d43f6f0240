import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { writeSyntheticRecording } from '../../e2e/synthetic-recording.js';
import { Chirpd } from '../cli/chirpd.js';

/**
 * A daemon with something of everything: beds `made-up` (generated, hurried), `pushed` (takes pushes) and `broken` (an alarm),
 * recording, and an archive of `recording.edf` (with a gap) and `damaged.edf` of which one replay may run.
 * @returns its address, and the file of its config
 */
export async function startServedDaemon(t: Test): Promise<{ url: string; configFile: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-documents-'));
  const archive = join(folder, 'archive');
  mkdirSync(archive);
  writeSyntheticRecording(join(archive, 'recording.edf'), {
    seed: 3,
    seconds: 240,
    gap: { fromSeconds: 200, toSeconds: 210 },
  });
  writeFileSync(join(archive, 'damaged.edf'), 'not EDF');
  const config = join(folder, 'config.yaml');
  const beds = [
    { name: 'made-up', speed: 4, adapter: { kind: 'synthetic', seed: 3, nChannels: 2 } },
    { name: 'pushed', montage: 'recorded', adapter: { kind: 'push' } },
    { name: 'broken', adapter: { kind: 'edf', path: join(archive, 'damaged.edf') } },
  ];
  const settings = {
    server: { port: 0 },
    replays: { folders: [archive], max: 1 },
    recording: { folder: join(folder, 'recordings') },
    beds,
  };
  writeFileSync(config, JSON.stringify(settings));
  const daemon = new Chirpd(['run', '--config', config, '--data', join(folder, 'data')]);
  t.teardown(async () => {
    await daemon.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });
  const [, url = ''] = await daemon.printed(/Open the board: (\S+)/);
  return { url, configFile: config };
}
