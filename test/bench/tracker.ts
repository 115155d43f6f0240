import { createHash } from 'node:crypto';
import type { ChirpSlot } from '../../pipelines/core/detection.js';
import { bandProfile, canvasSeconds, CANVAS } from '../../pipelines/core/profile.js';
import { DOUBLE_BANANA } from '../../pipelines/dsp/doubleBanana.js';
import type { DetectionStep } from '../../pipelines/items.js';
import { Tracker } from '../../pipelines/tracking/tracker.js';
import { info } from '../pipelines/support/signals.js';
import { slotOf } from '../pipelines/support/slots.js';
import { type BenchContext, type Benchmark, roundsFor } from './benchmark.js';
import type { Findings } from './result.js';
import { byTurns, timed } from './rounds.js';

export const trackerBenchmark: Benchmark = {
  name: 'tracker',
  title: 'from detections to events; no other program does that',
  minutes: 0.1,
  isDefault: true,
  run: measureTracker,
};

const PROFILE = bandProfile('scalp');
/** A chirp of 15 s begins every 25 s, in six of the 18 derivations. */
const PERIOD_SECONDS = 25;
const CHIRP_SECONDS = 15;
const N_SHOWING = 6;

async function measureTracker({ settings }: BenchContext): Promise<Findings> {
  const nSteps = settings.quick ? 100 : 1000;
  const steps = Array.from({ length: nSteps }, (_, i) => stepAt(16 + i * CANVAS.detectionStepColumns));
  const first = track(steps);
  const nStarted = Math.floor((nSteps * CANVAS.detectionStepColumns * PROFILE.hopSeconds) / PERIOD_SECONDS);
  if (first.size < nStarted - 1 || first.size > nStarted + 1)
    throw new Error(`${first.size} chirps were told of about ${nStarted}`);
  const comparison = await byTurns(
    {
      work: `${DOUBLE_BANANA.length} derivations, a chirp of ${CHIRP_SECONDS} s in ${N_SHOWING} of them every ${PERIOD_SECONDS} s`,
      unit: 'detection steps/s',
      nUnits: nSteps,
      ...roundsFor(settings),
    },
    { name: 'chirpd', run: timed(() => track(steps)) },
    [],
  );
  return { comparisons: [comparison] };
}

/** @returns the chirps that were told */
function track(steps: readonly DetectionStep[]): ReadonlySet<string> {
  const tracker = new Tracker(info(DOUBLE_BANANA, PROFILE.sampleRate), PROFILE, {
    bed: 'a',
    digest: (text) => createHash('sha256').update(text).digest('hex'),
  });
  const told = new Set<string>();
  for (const step of steps) for (const { id } of tracker.step(step)) told.add(id);
  for (const { id } of tracker.finish()) told.add(id);
  return told;
}

function stepAt(column: number): DetectionStep {
  const model = { name: 'm', sha256: '0', adapter: 'scalp', adapterSha256: '1' };
  const slots = DOUBLE_BANANA.map((_, derivation) => (derivation < N_SHOWING ? slotsAt(column, derivation) : []));
  return { type: 'detections', profile: PROFILE, column, slots, model };
}

/** What a good model tells of straight ridges from 12 to 4 Hz on the canvas that ends with `column`. */
function slotsAt(column: number, derivation: number): readonly ChirpSlot[] {
  const [left, right] = [canvasSeconds(PROFILE, column, 0), canvasSeconds(PROFILE, column, 1)];
  const found: ChirpSlot[] = [];
  const first = Math.max(0, Math.ceil((left - CHIRP_SECONDS) / PERIOD_SECONDS));
  for (let onset = first * PERIOD_SECONDS; onset < right; onset += PERIOD_SECONDS) {
    const [from, to] = [Math.max(onset, left), Math.min(onset + CHIRP_SECONDS, right)];
    if (to - from < 2) continue;
    const v = (seconds: number): number =>
      ((12 - (8 * (seconds - onset)) / CHIRP_SECONDS) / PROFILE.rowHz + 0.5) / CANVAS.rows;
    found.push(
      slotOf({
        from,
        to,
        left,
        right,
        v,
        presence: 0.95 - 0.02 * derivation,
        isRunning: onset + CHIRP_SECONDS > right,
      }),
    );
  }
  return found.slice(-4);
}
