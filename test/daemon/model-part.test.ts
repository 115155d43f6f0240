import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ModelPart } from '../../daemon/model-part.js';
import { configSchema } from '../../daemon/config/schema.js';
import { createLog } from '../../daemon/log.js';
import { packageRoot } from '../../daemon/package-root.js';
import { CANVAS } from '../../pipelines/core/profile.js';
import { skipWithoutSoftwareGpu, softwareGpu } from '../models/software-gpu.js';
import { until } from '../until.js';

t.setTimeout(240_000);

const log = createLog({ json: true, verbose: false, journal: false, write: () => undefined });
const modelConfig = (more: object = {}): ReturnType<typeof configSchema.parse>['model'] =>
  configSchema.parse({ model: more, beds: [{ name: 'A', adapter: { kind: 'synthetic' } }] }).model;
const canvas = new Float32Array(CANVAS.rows * CANVAS.columns);
const RELEASED = join(packageRoot(), 'models/released/chirp-vit-96');

t.test('another model takes the place of the one in use, and no window is lost', async (t) => {
  const part = new ModelPart({ config: modelConfig(), survives: false, onChange: () => undefined, log });
  t.teardown(() => {
    part.stop();
  });
  part.load();
  const early = part.detect('slow', canvas, 1);
  await part.start();
  t.equal((await early).slots.length, 1, 'who asks while it loads is answered');

  let isOver = false;
  const used = new Set<string>();
  let nAsked = 0;
  const asking = (async (): Promise<void> => {
    const waiting: Promise<void>[] = [];
    while (!isOver) {
      nAsked++;
      waiting.push(part.detect('slow', canvas, 1).then(({ slots }) => void used.add(String(slots.length))));
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    // One that failed would be thrown here.
    await Promise.all(waiting);
  })();

  await t.rejects(part.prepare(modelConfig({ path: t.testdir() })), { code: /^MODEL_/ }, 'one that cannot be used');
  t.match(part.report(), { state: 'running', nRestarts: 0 }, 'leaves the other as it is');
  const first = part.detector;
  const next = await part.prepare(modelConfig({ variant: 'int8' }));
  t.equal(part.detector, first, 'until it is used');
  next.use();
  t.not(part.detector, first);
  t.match(part.report(), { state: 'running', nRestarts: 0 });
  const nBefore = part.detector?.statistics().nCanvases ?? 0;
  await part.detect('slow', canvas, 1);
  t.ok((part.detector?.statistics().nCanvases ?? 0) > nBefore, 'and looks at canvases');

  const folder = join(t.testdir({}), 'adapters');
  mkdirSync(folder);
  copyFileSync(join(RELEASED, 'scalp.adapter'), join(folder, 'fast.adapter'));
  const second = part.detector;
  const fastAdapter = async (): Promise<string> => (await part.detect('fast', canvas, 1)).model.adapterSha256;
  const released = await fastAdapter();
  (await part.prepare(modelConfig({ variant: 'int8', adapters: folder }))).use();
  t.equal(part.detector, second, 'for another folder of adapters the model stays');
  t.not(await fastAdapter(), released, 'they are used from the next call on');
  (await part.prepare(modelConfig({ variant: 'int8' }))).use();
  t.equal(await fastAdapter(), released, 'and no more');

  isOver = true;
  await asking;
  t.ok(nAsked > 3, `${String(nAsked)} windows, all of them answered`);
  t.equal(used.size, 1);
});

t.test('a GPU that comes back runs the model again', { skip: skipWithoutSoftwareGpu() }, async (t) => {
  const gpu = softwareGpu(t);
  gpu.unplug();
  const part = new ModelPart({
    config: modelConfig({ providers: ['webgpu', 'cpu'], batch: 2 }),
    survives: false,
    onChange: () => undefined,
    log,
    providerPauseMs: 200,
  });
  t.teardown(() => {
    part.stop();
  });
  await part.start();
  t.match(part.report(), { provider: 'cpu', passedOver: [/^webgpu: /] });
  t.match(part.conditions(), [{ code: 'MODEL_FALLEN_BACK', text: /runs on cpu and not as configured: webgpu: / }]);
  const onCpu = await part.detect('slow', canvas, 1);
  gpu.plugIn();
  await until(() => part.conditions().length === 0, 'it comes back', 180_000);
  t.match(part.report(), { provider: 'webgpu', passedOver: [] });
  t.same((await part.detect('slow', canvas, 1)).model, onCpu.model);
});
