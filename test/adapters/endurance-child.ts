import { fullSpeedPacer } from '../../adapters/pacer.js';
import { reconnecting } from '../../adapters/reconnect.js';
import { openAdapter } from '../../adapters/registry.js';
import { blockLength } from '../../pipelines/core/signal.js';
import { NUMBERED_ROUND, NUMBERED_STEP, numberOf } from './numbered-signal.js';
import { RAMP_PERIOD, rampSample } from './push/ramp.js';

/** What the child tells when it has heard enough. */
export interface EnduranceReport {
  readonly nSamples: number;
  /** Samples that are not the one after the one before. */
  readonly nWrong: number;
  readonly nInGaps: number;
  readonly nErrors: number;
  readonly seconds: number;
  /** Share of one core, from the first block on, the checks included. */
  readonly cpuShare: number;
}

const [kind = '', optionsText = '{}', secondsText = '0', signal = 'none'] = process.argv.slice(2);

/** The number of a sample, and what numbers count to; undefined: the device's steps are too large to tell. */
const SIGNALS: Readonly<
  Record<
    string,
    { readonly round: number; readonly step: number; readonly number: (values: readonly number[]) => number }
  >
> = {
  numbered: { round: NUMBERED_ROUND, step: 1, number: ([first]) => numberOf(first!) },
  'numbered pairs': { round: NUMBERED_ROUND, step: 2, number: ([first]) => numberOf(first! + NUMBERED_STEP / 2) },
  ramp: { round: RAMP_PERIOD, step: 1, number: rampSample },
};
const told = SIGNALS[signal];

let nSamples = 0;
let nWrong = 0;
let nInGaps = 0;
let nErrors = 0;
let previous: number | undefined;
let startedAt = NaN;
let cpuAtStart = process.cpuUsage();

function check(samples: readonly Float32Array[], length: number): void {
  if (told === undefined) return;
  for (let i = 0; i < length; i++) {
    const number = told.number(samples.map((values) => values[i]!));
    if (previous !== undefined && number !== (previous + told.step) % told.round) nWrong++;
    previous = number;
  }
}

await new Promise<void>((resolve) => {
  const subscription = reconnecting({
    open: () => openAdapter(kind, JSON.parse(optionsText), { pacer: fullSpeedPacer() }),
    onLost: () => nErrors++,
  }).subscribe((item) => {
    if (item.type === 'gap') nInGaps += item.nSamples;
    if (item.type !== 'block') return;
    if (Number.isNaN(startedAt)) {
      startedAt = performance.now();
      cpuAtStart = process.cpuUsage();
    }
    nSamples += blockLength(item);
    check(item.samples, blockLength(item));
    if (performance.now() - startedAt < Number(secondsText) * 1000) return;
    subscription.unsubscribe();
    resolve();
  });
});

const seconds = (performance.now() - startedAt) / 1000;
const { user, system } = process.cpuUsage(cpuAtStart);
const report: EnduranceReport = {
  nSamples,
  nWrong,
  nInGaps,
  nErrors,
  seconds,
  cpuShare: (user + system) / 1e6 / seconds,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
