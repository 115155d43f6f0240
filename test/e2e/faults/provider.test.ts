import { join } from 'node:path';
import t from 'tap';
import { softwareGpu, skipWithoutLosableGpu } from '../../models/software-gpu.js';
import { until } from '../../until.js';
import { runArguments, writeConfig } from '../config-file.js';
import { DaemonProcess } from '../daemon-process.js';
import { temporaryFolder } from '../temporary-folder.js';
import { FaultListener } from './told.js';

t.setTimeout(600_000);

interface ModelHealth {
  readonly provider?: string;
  readonly passedOver: readonly string[];
  readonly readyAfterSeconds: number;
  readonly nCanvases: number;
  readonly nRestarts: number;
}

async function modelOf(address: string): Promise<ModelHealth> {
  return ((await (await fetch(new URL('/v1/health', address))).json()) as { model: ModelHealth }).model;
}

async function addressOf(daemon: DaemonProcess): Promise<string> {
  const url = (): string | undefined => /"url":"(http:[^"]+)"/.exec(daemon.stderr)?.[1];
  await until(() => url() !== undefined, 'its address', 60_000);
  return url() ?? '';
}

t.test('the GPU is lost: the daemon goes on with the CPU', { skip: skipWithoutLosableGpu() }, async (t) => {
  const gpu = softwareGpu(t, { canBeLost: true });
  // A software driver looks at a canvas or two a second: one derivation is enough for it.
  const adapter = { kind: 'synthetic', seed: 1 } as const;
  const folder = temporaryFolder(t);
  const config = writeConfig(folder, 'config', {
    model: { providers: ['webgpu', 'cpu'], batch: 2 },
    beds: [{ name: 'Bed 1', adapter, montage: ['F7-T7'] }],
  });
  const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
  t.teardown(() => daemon.kill());
  // It serves long before a software driver has made its programs.
  const address = await addressOf(daemon);
  await until(async () => ((await modelOf(address)).provider ?? '') !== '', 'the model', 300_000);
  const before = await modelOf(address);
  t.match(before, { provider: 'webgpu', passedOver: [] });
  t.ok(before.readyAfterSeconds > 0);
  const untilLooking = async (): Promise<void> => {
    const { nCanvases } = await modelOf(address);
    await until(async () => (await modelOf(address)).nCanvases > nCanvases, 'canvases', 120_000);
  };
  await untilLooking();
  const listener = new FaultListener(t, address);
  const lostMs = performance.now();
  gpu.lose();
  await listener.raised('MODEL_FALLEN_BACK', lostMs);
  t.match(listener.text('MODEL_FALLEN_BACK'), /^The model runs on cpu .*webgpu: failed while it ran/);
  t.match(await modelOf(address), { provider: 'cpu', passedOver: [/^webgpu: /], nRestarts: 0 });
  await untilLooking();
  t.ok(daemon.log().some(({ msg }) => msg === 'Another provider runs the model'));
});
