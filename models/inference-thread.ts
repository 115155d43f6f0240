/**
 * The thread that runs the model: started by `inference-process.ts`, it holds the model on one execution provider and
 * answers one batch after the other. The runtime blocks it while a batch runs. Where the provider fails, the next one of
 * the list takes over, beginning with the batch that it failed at.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { errorText } from '../pipelines/core/errors.js';
import type { InferenceReply, LoadRequest, RunRequest, InferenceRequest, StackMessage } from './inference-messages.js';
import { providerError } from './provider-error.js';
import { ProviderModel } from './provider-model.js';

let loaded: LoadRequest | undefined;
let model: ProviderModel | undefined;
/** What runs choose from; that of the load until another one comes. */
let stack: StackMessage | undefined;
/** Why each of those before the one in use is not used. */
const passedOver: string[] = [];
/** Those that failed are never released: the driver of a lost device may end the process in it. */
const failed: ProviderModel[] = [];

function tell(reply: InferenceReply): void {
  parentPort?.postMessage(reply);
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

/** The first of them that works. */
async function firstOf(providers: readonly string[], request: LoadRequest): Promise<ProviderModel | undefined> {
  for (const provider of providers) {
    tell({ type: 'trying', provider });
    try {
      const candidate = await ProviderModel.load(request, provider);
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
  const problem = fileProblem(request);
  if (problem !== '') return { type: 'failed', message: problem };
  loaded = request;
  stack = request.stack;
  passedOver.length = 0;
  passedOver.push(...request.passedOver);
  model = await firstOf(request.providers, request);
  if (model === undefined) return { type: 'failed', message: `no execution provider works: ${passedOver.join('; ')}` };
  return { type: 'loaded', provider: model.provider, passedOver, milliseconds: performance.now() - startMs };
}

/** The one in use has failed. @returns whether another one has taken over */
async function moveOn(from: ProviderModel, reason: string): Promise<boolean> {
  if (loaded === undefined) return false;
  const others = loaded.providers.slice(loaded.providers.indexOf(from.provider) + 1);
  if (others.length === 0 || fileProblem(loaded) !== '') return false;
  const startMs = performance.now();
  passedOver.push(`${from.provider}: failed while it ran: ${reason}`);
  const next = await firstOf(others, loaded);
  if (next === undefined) return false;
  failed.push(from);
  model = next;
  tell({ type: 'moved', provider: next.provider, passedOver, milliseconds: performance.now() - startMs });
  return true;
}

async function run(request: RunRequest): Promise<InferenceReply> {
  for (;;) {
    const current = model;
    const started = performance.now();
    try {
      if (current === undefined) throw new Error('no model is loaded');
      const slots = await current.infer(request.canvases, request.adapters);
      return { type: 'ran', id: request.id, slots, milliseconds: performance.now() - started };
    } catch (error) {
      const message = providerError(error);
      if (current !== undefined && (await moveOn(current, message))) continue;
      // A device that is lost stays so for this process: without an id the daemon replaces it, and sends the batch again.
      if (current?.isGpu === true) return { type: 'failed', message: `${current.provider} failed: ${message}` };
      return { type: 'failed', id: request.id, message };
    }
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

async function obey(request: InferenceRequest): Promise<void> {
  switch (request.type) {
    case 'stack':
      await useStack(request);
      break;
    case 'load':
      tell(await load(request));
      break;
    case 'run':
      tell(await run(request));
      break;
  }
}

// One after the other: a stack is for the runs after it.
let last: Promise<void> = Promise.resolve();
parentPort?.on('message', (request: InferenceRequest) => {
  last = last.then(() => obey(request));
});
