import t from 'tap';
import { softwareGpu, skipWithoutLosableGpu } from '../../models/software-gpu.js';
import { until } from '../../until.js';
import { start } from './started.js';
import { FaultListener } from './told.js';

t.setTimeout(300_000);

interface ModelHealth {
  readonly provider: string;
  readonly passedOver: readonly string[];
  readonly readyAfterSeconds: number;
  readonly nCanvases: number;
  readonly nRestarts: number;
}

async function modelOf(address: string): Promise<ModelHealth> {
  return ((await (await fetch(new URL('/v1/health', address))).json()) as { model: ModelHealth }).model;
}

t.test('the GPU is lost: the daemon goes on with the CPU', { skip: skipWithoutLosableGpu() }, async (t) => {
  const gpu = softwareGpu(t, { canBeLost: true });
  // A software driver looks at a canvas or two a second: one derivation is enough for it.
  const adapter = { kind: 'synthetic', seed: 1 } as const;
  const { daemon, address } = await start(t, {
    model: { providers: ['webgpu', 'cpu'], batch: 2 },
    beds: [{ name: 'Bed 1', adapter, montage: ['F7-T7'] }],
  });
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
