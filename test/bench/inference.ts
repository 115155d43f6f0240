import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { demonstrationConfig } from '../../daemon/config/embedded.js';
import { packageRoot } from '../../daemon/package-root.js';
import { loadReleasedModel, SLOT_FIELDS } from '../../models/manifest.js';
import { CANVAS } from '../../pipelines/core/profile.js';
import { type BenchContext, type Benchmark, roundsFor } from './benchmark.js';
import { exportVit, VIT_NAME, vitFeeds } from './peers/vit.js';
import { goldenOf } from './golden-canvases.js';
import { operatorShares } from './operator-shares.js';
import type { Absent, Comparison, Figure, Findings } from './result.js';
import { byTurns, type CheckedPeer, type Contender, timedAsync } from './rounds.js';

export const inferenceBenchmark: Benchmark = {
  name: 'inference',
  title: 'the model in float32 and int8, beside ViT-B/16 at 224 x 224 in the same runtime',
  minutes: 2.5,
  isDefault: true,
  run: measureInference,
};

const PIXELS = CANVAS.rows * CANVAS.columns;
/** An operator that takes less is not named. */
const LEAST_SHARE = 0.02;

async function measureInference({ settings, folder, say }: BenchContext): Promise<Findings> {
  const { model } = demonstrationConfig();
  const directory = join(packageRoot(), 'models/released', model.name);
  const shortly = settings.quick;
  let vit: string | Absent = { name: VIT_NAME, reason: '--quick' };
  if (!shortly) {
    say('exporting ViT-B/16');
    vit = exportVit(folder);
  }
  const comparisons: Comparison[] = [];
  for (const threads of settings.threads !== undefined ? [settings.threads] : shortly ? [1] : [1, 2]) {
    const float32 = await OurModel.load(directory, 'float32', threads);
    const int8 = await OurModel.load(directory, 'int8', threads);
    const other = typeof vit === 'string' ? await InferenceSession.create(vit, sessionOptions(threads)) : undefined;
    for (const batch of shortly ? [4] : [1, 4, 8, 16, 32]) {
      say(`batches of ${batch}, ${threads} thread(s)`);
      const peers: CheckedPeer[] = [{ ...int8.contender(batch), ...int8.checked }];
      // It takes seconds for a large batch: two sizes tell its speed.
      const withVit = other !== undefined && (batch === 1 || batch === 32);
      if (withVit) peers.push(vitPeer(other, batch));
      const { checked, difference, tolerance } = float32.checked;
      if (difference > tolerance) throw new Error(`the model in float32: ${checked} differ by ${difference}`);
      const rounds = withVit ? { rounds: 5, turnSeconds: 0.5 } : roundsFor(settings);
      const options = {
        work: `batches of ${batch}, ${threads} thread(s)`,
        unit: 'canvases/s',
        nUnits: batch,
        ...rounds,
      };
      const absent = typeof vit === 'string' ? [] : [vit];
      comparisons.push(await byTurns(options, float32.contender(batch), peers, absent));
    }
    await Promise.all([float32.release(), int8.release(), other?.release()]);
  }
  say('which operators take the time');
  const shares = await operatorFigures(directory, shortly ? 4 : 32, folder);
  return { comparisons, figures: shares };
}

/** Of the model in float32 with one thread. */
async function operatorFigures(directory: string, batch: number, folder: string): Promise<readonly Figure[]> {
  const model = loadReleasedModel(directory, 'float32');
  const feeds = feedsOf(madeUp(batch), new Array<number>(batch).fill(0), goldenOf(model).stack);
  const shares = await operatorShares(model.modelPath, sessionOptions(1), feeds, folder);
  return shares
    .filter(([, share]) => share >= LEAST_SHARE)
    .map(([operator, share]) => ({
      name: operator,
      value: 100 * share,
      unit: `% of a batch of ${batch}`,
      better: 'none',
    }));
}

function madeUp(nCanvases: number): Float32Array {
  return Float32Array.from({ length: nCanvases * PIXELS }, (_, i) => Math.sin(i * 12.9898) * 0.5);
}

/** As the inference process has it: threads of the runtime do not spin. */
function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}

function vitPeer(session: InferenceSession, batch: number): CheckedPeer {
  const feeds = vitFeeds(batch);
  return {
    name: VIT_NAME,
    run: timedAsync(() => session.run(feeds)),
    difference: NaN,
    tolerance: NaN,
    checked: 'another network, with random weights',
  };
}

/** The released model in a session of this process, without the way to the inference process and back. */
class OurModel {
  /** What the released golden canvases give, against the released slots. */
  readonly checked: Pick<CheckedPeer, 'difference' | 'tolerance' | 'checked'>;
  readonly #name: string;
  readonly #session: InferenceSession;
  readonly #stack: Tensor;

  private constructor(name: string, session: InferenceSession, stack: Tensor, checked: OurModel['checked']) {
    this.#name = name;
    this.#session = session;
    this.#stack = stack;
    this.checked = checked;
  }

  static async load(directory: string, variant: string, threads: number): Promise<OurModel> {
    const model = loadReleasedModel(directory, variant);
    const session = await InferenceSession.create(model.modelPath, sessionOptions(threads));
    const { stack, rows, canvases, expected } = goldenOf(model);
    const output = await session.run(feedsOf(canvases, rows, stack));
    const slots = output['slots']?.data as Float32Array;
    let difference = slots.length === expected.length ? 0 : Infinity;
    for (let at = 0; at < expected.length; at += SLOT_FIELDS.length) {
      if (expected[at]! < model.faintestGolden) continue;
      for (let i = at; i < at + SLOT_FIELDS.length; i++) {
        difference = Math.max(difference, Math.abs(slots[i]! - expected[i]!));
      }
    }
    const checked = { difference, tolerance: model.tolerance, checked: 'slots of the golden canvases' };
    return new OurModel(`chirpd ${variant}`, session, stack, checked);
  }

  contender(batch: number): Contender {
    const feeds = feedsOf(madeUp(batch), new Array<number>(batch).fill(0), this.#stack);
    return { name: this.#name, run: timedAsync(() => this.#session.run(feeds)) };
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

/** @param rows of the stack, one for each canvas */
function feedsOf(canvases: Float32Array, rows: readonly number[], stack: Tensor): Record<string, Tensor> {
  return {
    canvas: new Tensor('float32', canvases, [rows.length, CANVAS.rows, CANVAS.columns]),
    adapter: new Tensor('int64', BigInt64Array.from(rows, BigInt), [rows.length]),
    stack,
  };
}
