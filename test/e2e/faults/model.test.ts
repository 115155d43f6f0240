import { appendFileSync, copyFileSync, cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../../../daemon/package-root.js';
import { until } from '../../until.js';
import { openAlarms } from '../alarm-records.js';
import { DaemonProcess } from '../daemon-process.js';
import { temporaryFolder } from '../temporary-folder.js';
import { runArguments, writeConfig } from '../config-file.js';
import { start, SYNTHETIC } from './started.js';
import { FaultListener } from './told.js';

t.setTimeout(240_000);

const RELEASED = join(packageRoot(), 'models/released/chirp-vit-96');

/** A copy of the released model that may be ill-treated. */
function copyOfModel(t: Test): string {
  const path = join(temporaryFolder(t), 'model');
  cpSync(RELEASED, path, { recursive: true });
  return path;
}

interface ModelHealth {
  readonly state: string;
  readonly nCanvases?: number;
  readonly nRestarts?: number;
}

async function modelOf(address: string): Promise<ModelHealth> {
  return ((await (await fetch(new URL('/v1/health', address))).json()) as { model: ModelHealth }).model;
}

/** Waits until the model looks at canvases (again). */
async function untilLooking(address: string): Promise<void> {
  const { nCanvases = 0 } = await modelOf(address);
  await until(async () => ((await modelOf(address)).nCanvases ?? 0) > nCanvases, 'canvases', 60_000);
}

for (const signal of ['SIGSEGV', 'SIGKILL'] as const) {
  void t.test(`the inference worker crashes: ${signal}`, async (t) => {
    const { daemon, address } = await start(t, SYNTHETIC);
    const listener = new FaultListener(t, address);
    await untilLooking(address);
    const crashedMs = performance.now();
    process.kill(await daemon.nextInferencePid(), signal);
    await listener.raised('MODEL_NOT_RUNNING', crashedMs);
    await listener.cleared('MODEL_NOT_RUNNING', crashedMs);
    await untilLooking(address);
    t.match(listener.text('MODEL_NOT_RUNNING'), signal);
  });
}

t.test('inference hangs for good: told at once, replaced later', async (t) => {
  const { daemon, address } = await start(t, SYNTHETIC);
  const listener = new FaultListener(t, address);
  await untilLooking(address);
  const pid = await daemon.nextInferencePid();
  const hungMs = performance.now();
  process.kill(pid, 'SIGSTOP');
  await listener.raised('MODEL_NOT_RUNNING', hungMs);
  t.match(listener.text('MODEL_NOT_RUNNING'), /does not answer/);
  t.equal(daemon.inferencePid(), pid, 'it is given its time');
  await listener.cleared('MODEL_NOT_RUNNING', hungMs);
  t.not(daemon.inferencePid(), pid, 'and replaced');
  t.equal((await modelOf(address)).nRestarts, 1);
  await untilLooking(address);
});

t.test('inference hangs for a while: it is not replaced', async (t) => {
  const { daemon, address } = await start(t, SYNTHETIC);
  const listener = new FaultListener(t, address);
  await untilLooking(address);
  const pid = await daemon.nextInferencePid();
  const hungMs = performance.now();
  process.kill(pid, 'SIGSTOP');
  await listener.raised('MODEL_NOT_RUNNING', hungMs);
  process.kill(pid, 'SIGCONT');
  await listener.cleared('MODEL_NOT_RUNNING', hungMs);
  t.equal(daemon.inferencePid(), pid);
  t.equal((await modelOf(address)).nRestarts, 0);
});

t.test('the model file is damaged while it runs, then its process dies, then the file is whole again', async (t) => {
  const path = copyOfModel(t);
  const file = join(path, 'model.onnx');
  const { daemon, address } = await start(t, { ...SYNTHETIC, model: { path } });
  const listener = new FaultListener(t, address);
  await untilLooking(address);
  const damagedMs = performance.now();
  truncateSync(file, 100_000);
  await listener.raised('MODEL_FILES_DAMAGED', damagedMs);
  await untilLooking(address);
  t.match(
    (await openAlarms(address)).map(({ code }) => code),
    ['MODEL_FILES_DAMAGED'],
    'what runs goes on',
  );
  const diedMs = performance.now();
  process.kill(await daemon.nextInferencePid(), 'SIGKILL');
  await listener.raised('MODEL_NOT_RUNNING', diedMs);
  await until(async () => ((await modelOf(address)).nRestarts ?? 0) >= 2, 'another try', 60_000);
  t.ok((await openAlarms(address)).some(({ code, text }) => code === 'MODEL_NOT_RUNNING' && /damaged/.test(text)));
  const mendedMs = performance.now();
  copyFileSync(join(RELEASED, 'model.onnx'), file);
  await listener.cleared('MODEL_FILES_DAMAGED', mendedMs);
  await listener.cleared('MODEL_NOT_RUNNING', mendedMs);
  await untilLooking(address);
});

t.test('the model is damaged at the start: everything else runs, and it is taken when it is whole', async (t) => {
  const path = copyOfModel(t);
  const file = join(path, 'model.onnx');
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(file, bytes);
  const recordings = join(temporaryFolder(t), 'recordings');
  const { address } = await start(t, { ...SYNTHETIC, model: { path }, recording: { folder: recordings } });
  const startedMs = performance.now();
  const listener = new FaultListener(t, address);
  await listener.raised('MODEL_NOT_RUNNING', startedMs);
  t.match(listener.text('MODEL_NOT_RUNNING'), /cannot be loaded.*\[MODEL_CHECKSUM\]/);
  t.equal((await fetch(new URL('/v1/health/ready', address))).status, 503);
  const isRecorded = async (): Promise<boolean> => {
    const answer = await fetch(new URL('/v1/recordings', address));
    return ((await answer.json()) as { recordings: readonly unknown[] }).recordings.length > 0;
  };
  await until(isRecorded, 'a recording', 60_000);
  const mendedMs = performance.now();
  copyFileSync(join(RELEASED, 'model.onnx'), file);
  await listener.cleared('MODEL_NOT_RUNNING', mendedMs);
  await untilLooking(address);
  t.equal((await modelOf(address)).state, 'running');
});

t.test('a manifest that is damaged is a fault; a model that is not there is a wrong config', async (t) => {
  const path = copyOfModel(t);
  appendFileSync(join(path, 'manifest.json'), '}');
  const { address } = await start(t, { ...SYNTHETIC, model: { path } });
  await new FaultListener(t, address).raised('MODEL_NOT_RUNNING', performance.now());
  const folder = temporaryFolder(t);
  const config = writeConfig(folder, 'wrong', { ...SYNTHETIC, model: { path: join(folder, 'nothing') } });
  const wrong = new DaemonProcess(runArguments(config, join(folder, 'data')));
  t.teardown(() => wrong.kill());
  t.equal((await wrong.exited).code, 3);
});
