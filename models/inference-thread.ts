/**
 * The thread that runs the model: started by `inference-process.ts`, it holds the model on one execution provider and
 * answers one batch after the other. The runtime blocks it while a batch runs. Where the provider fails, the next one of
 * the list takes over, beginning with the batch that it failed at.
 */
import { parentPort } from 'node:worker_threads';
import { errorText } from '../pipelines/core/errors.js';
import { GoldenCheck } from './golden-check.js';
import type { InferenceReply, LoadRequest, Run, StackMessage, ThreadReply } from './inference-messages.js';
import { providerError } from './provider-error.js';
import { ProviderModel } from './provider-model.js';
import { readReleasedFile } from './released-file.js';

/** What is the same on every provider. */
interface Loaded {
  readonly request: LoadRequest;
  readonly golden: GoldenCheck;
}

let loaded: Loaded | undefined;
let model: ProviderModel | undefined;
/** What runs choose from; that of the load until another one comes. */
let stack: StackMessage | undefined;
/** Why each of those before the one in use is not used. */
const passedOver: string[] = [];
/** Those that failed are never released: the driver of a lost device may end the process in it. */
const failed: ProviderModel[] = [];

function tell(reply: InferenceReply): void {
  parentPort?.postMessage({ reply } satisfies ThreadReply);
}

/** The first of them that works. */
async function firstOf(providers: readonly string[], { request, golden }: Loaded): Promise<ProviderModel | undefined> {
  for (const provider of providers) {
    tell({ type: 'trying', provider });
    try {
      const candidate = await ProviderModel.load(request, provider, golden);
      if (stack !== undefined && stack !== request.stack) await candidate.use(stack);
      return candidate;
    } catch (error) {
      passedOver.push(`${provider}: ${providerError(error)}`);
    }
  }
  return undefined;
}

async function load(request: LoadRequest): Promise<InferenceReply> {
  const startMs = performance.now();
  try {
    readReleasedFile(request.modelPath, request.sha256);
    loaded = { request, golden: new GoldenCheck(request.golden) };
  } catch (error) {
    return { type: 'failed', message: errorText(error) };
  }
  stack = request.stack;
  passedOver.length = 0;
  passedOver.push(...request.passedOver);
  model = await firstOf(request.providers, loaded);
  if (model === undefined) return { type: 'failed', message: `no execution provider works: ${passedOver.join('; ')}` };
  return { type: 'loaded', provider: model.provider, passedOver, milliseconds: performance.now() - startMs };
}

function isAsReleased({ modelPath, sha256 }: LoadRequest): boolean {
  try {
    readReleasedFile(modelPath, sha256);
    return true;
  } catch {
    return false;
  }
}

/** The one in use has failed. @returns whether another one has taken over */
async function moveOn(from: ProviderModel, reason: string): Promise<boolean> {
  if (loaded === undefined) return false;
  const { request } = loaded;
  const others = request.providers.slice(request.providers.indexOf(from.provider) + 1);
  if (others.length === 0 || !isAsReleased(request)) return false;
  const startMs = performance.now();
  passedOver.push(`${from.provider}: failed while it ran: ${reason}`);
  const next = await firstOf(others, loaded);
  if (next === undefined) return false;
  failed.push(from);
  model = next;
  tell({ type: 'moved', provider: next.provider, passedOver, milliseconds: performance.now() - startMs });
  return true;
}

async function run(request: Run): Promise<InferenceReply> {
  const started = performance.now();
  const { id } = request;
  try {
    if (loaded === undefined) throw new Error('no model is loaded');
    for (;;) {
      const on = model;
      if (on === undefined) throw new Error('no model is loaded');
      try {
        const slots = await on.infer(request.canvases, request.adapters);
        return { type: 'ran', id, slots, milliseconds: performance.now() - started };
      } catch (error) {
        const reason = providerError(error);
        if (await moveOn(on, reason)) continue;
        // A device that is lost stays so for this process: told without an id, the daemon replaces it and sends the batch again.
        if (on.isGpu) return { type: 'failed', message: `${on.provider} failed: ${reason}` };
        throw error;
      }
    }
  } catch (error) {
    return { type: 'failed', id, message: errorText(error) };
  }
}

async function useStack(message: StackMessage): Promise<void> {
  stack = message;
  try {
    await model?.use(message);
  } catch (error) {
    // It would run on with the adapters of before.
    if (model !== undefined && !(await moveOn(model, providerError(error)))) throw error;
  }
}

async function obey(request: LoadRequest | StackMessage | Run): Promise<void> {
  switch (request.type) {
    case 'stack':
      await useStack(request);
      break;
    case 'load':
      tell(await load(request));
      break;
    case 'run': {
      const { canvases } = request;
      const reply = await run(request);
      parentPort?.postMessage({ reply, canvases } satisfies ThreadReply, [canvases.buffer as ArrayBuffer]);
      break;
    }
  }
}

// One after the other: a stack is for the runs after it.
let last: Promise<void> = Promise.resolve();
parentPort?.on('message', (request: LoadRequest | StackMessage | Run) => {
  last = last.then(() => obey(request));
});
