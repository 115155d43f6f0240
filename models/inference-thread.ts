/**
 * The thread that runs the model: started by `inference-process.ts`, it holds the session and answers one batch after the
 * other. The runtime blocks it while a batch runs.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { errorText } from '../pipelines/core/errors.js';
import { CANVAS } from '../pipelines/core/profile.js';
import { canvasesAt, Screen } from './screen.js';
import type { InferenceReply, LoadRequest, Run, StackMessage, ThreadReply } from './inference-messages.js';

const PIXELS = CANVAS.rows * CANVAS.columns;
let session: InferenceSession | undefined;
let stack: Tensor | undefined;
let screen: Screen | undefined;
/** Numbers of all slots of a canvas. */
let slotLength = 0;

/**
 * The runtime takes another kernel for a batch of one, with other rounding; from two on, each canvas gives bit-equal
 * slots in any company (measured on batches of 2 to 32). So a single canvas is run twice: the same samples must give
 * the same events however batches fall.
 */
async function infer(
  on: InferenceSession,
  canvases: Float32Array,
  adapters: readonly number[],
  rows: Tensor,
): Promise<Float32Array> {
  if (adapters.length === 1) {
    const twice = new Float32Array(2 * PIXELS);
    twice.set(canvases);
    twice.set(canvases, PIXELS);
    const slots = await infer(on, twice, [...adapters, ...adapters], rows);
    return slots.slice(0, slots.length / 2);
  }
  const n = adapters.length;
  const output = await on.run({
    canvas: new Tensor('float32', canvases, [n, CANVAS.rows, CANVAS.columns]),
    adapter: new Tensor(
      'int64',
      BigInt64Array.from(adapters, (a) => BigInt(a)),
      [n],
    ),
    stack: rows,
  });
  const slots = output['slots']?.data;
  if (!(slots instanceof Float32Array)) throw new Error('the graph has no float output named slots');
  return slots;
}

/** Slots of all canvases of a request, of which the model sees some. */
async function seenSlots(
  on: InferenceSession,
  { canvases, adapters, n }: Run,
  seen: readonly number[],
  rows: Tensor,
): Promise<Float32Array> {
  if (seen.length === n) return infer(on, canvases, adapters, rows);
  const slots = new Float32Array(n * slotLength);
  if (seen.length === 0) return slots;
  const seenAdapters = seen.map((index) => adapters[index]!);
  const found = await infer(on, canvasesAt(canvases, seen), seenAdapters, rows);
  seen.forEach((index, i) => {
    slots.set(found.subarray(i * slotLength, (i + 1) * slotLength), index * slotLength);
  });
  return slots;
}

function tensorOf({ nAdapters, values }: StackMessage): Tensor {
  return new Tensor('float32', values, [nAdapters, values.length / nAdapters]);
}

function readGolden(golden: LoadRequest['golden']): { readonly canvases: Float32Array; readonly slots: Float32Array } {
  const bytes = readFileSync(golden.path);
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const nPixels = golden.canvases * PIXELS;
  return { canvases: all.slice(0, nPixels), slots: all.subarray(nPixels) };
}

/** A provider is used only if it gives the released golden outputs on the released golden canvases. */
async function checkGolden(on: InferenceSession, golden: LoadRequest['golden'], rows: Tensor): Promise<void> {
  const { canvases, slots: expected } = readGolden(golden);
  const got = await infer(on, canvases, golden.adapters, rows);
  if (got.length !== expected.length) throw new Error(`gave ${got.length} numbers, not ${expected.length}`);
  const { nFields, faintest } = golden;
  let worst = 0;
  for (let at = 0; at < expected.length; at += nFields) {
    if ((expected[at] ?? 0) < faintest) continue;
    for (let i = at; i < at + nFields; i++) worst = Math.max(worst, Math.abs((got[i] ?? 0) - (expected[i] ?? 0)));
  }
  if (!(worst <= golden.tolerance)) throw new Error(`differs from the released outputs by ${worst.toExponential(1)}`);
}

/** The daemon has looked at the file when it started; since then days may have passed. '' where it is the same. */
function fileProblem({ modelPath, sha256 }: LoadRequest): string {
  try {
    const isSame = createHash('sha256').update(readFileSync(modelPath)).digest('hex') === sha256;
    return isSame ? '' : `${modelPath} is damaged: it is not the file that its manifest names; restore or reinstall it`;
  } catch (error) {
    return `${modelPath} cannot be read: ${errorText(error)}`;
  }
}

async function load(request: LoadRequest): Promise<InferenceReply> {
  stack = tensorOf(request.stack);
  const problem = fileProblem(request);
  if (problem !== '') return { type: 'failed', message: problem };
  try {
    const { canvases, slots } = readGolden(request.golden);
    slotLength = slots.length / request.golden.canvases;
    screen = request.screen && (await Screen.load(request.screen, canvases));
  } catch (error) {
    return { type: 'failed', message: errorText(error) };
  }
  const passedOver: string[] = [];
  for (const provider of request.providers) {
    try {
      const candidate = await InferenceSession.create(request.modelPath, {
        executionProviders: [provider],
        intraOpNumThreads: request.threads,
        interOpNumThreads: 1,
        graphOptimizationLevel: 'all',
        // Waiting for work in a loop took more processor time than the work (README.md).
        extra: { session: { intra_op: { allow_spinning: '0' } } },
      });
      await checkGolden(candidate, request.golden, stack);
      session = candidate;
      return { type: 'loaded', provider, passedOver };
    } catch (error) {
      passedOver.push(`${provider}: ${errorText(error)}`);
    }
  }
  return { type: 'failed', message: `no execution provider works: ${passedOver.join('; ')}` };
}

async function run(request: Run): Promise<InferenceReply> {
  const started = performance.now();
  try {
    if (!session || !stack) throw new Error('no model is loaded');
    const seen = screen ? await screen.pick(request.canvases, request.screens) : [...request.adapters.keys()];
    const slots = await seenSlots(session, request, seen, stack);
    return { type: 'ran', id: request.id, slots, nSeen: seen.length, milliseconds: performance.now() - started };
  } catch (error) {
    return { type: 'failed', id: request.id, message: errorText(error) };
  }
}

async function obey(request: LoadRequest | StackMessage | Run): Promise<void> {
  if (request.type === 'stack') {
    stack = tensorOf(request);
    return;
  }
  if (request.type === 'load') {
    parentPort?.postMessage({ reply: await load(request) } satisfies ThreadReply);
    return;
  }
  const { canvases } = request;
  const reply = await run(request);
  parentPort?.postMessage({ reply, canvases } satisfies ThreadReply, [canvases.buffer as ArrayBuffer]);
}

// One after the other: a stack is for the runs after it.
let last: Promise<void> = Promise.resolve();
parentPort?.on('message', (request: LoadRequest | StackMessage | Run) => {
  last = last.then(() => obey(request));
});
