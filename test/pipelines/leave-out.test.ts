import { createHash } from 'node:crypto';
import { from, lastValueFrom, toArray } from 'rxjs';
import t from 'tap';
import { SyntheticSignal } from '../../adapters/synthetic/signal.js';
import type { Detector } from '../../pipelines/core/detection.js';
import type { StreamItem } from '../../pipelines/core/signal.js';
import type { PipelineOutput, TrendFrame } from '../../pipelines/items.js';
import type { LeaveOut } from '../../pipelines/leave-out.js';
import { pipeline } from '../../pipelines/pipeline.js';
import { block, info } from './support/signals.js';

const RATE = 128;
const SECONDS = 60;
const BLOCK = 32;
const LABELS = ['Fp1', 'F3', 'C3'];

function digest(...values: readonly Float32Array[]): string {
  const hash = createHash('sha256');
  for (const each of values) hash.update(each);
  return hash.digest('hex');
}

/**
 * What a pipeline makes of a minute of EEG: digests of its columns and of the canvases that its model was given, and
 * trends. `at` is told the second before each block.
 */
async function run(leaveOut?: LeaveOut, at: (second: number) => void = () => undefined) {
  const canvases: string[] = [];
  const detector: Detector = {
    detect: (_, given, n) => {
      canvases.push(digest(given));
      return Promise.resolve({
        slots: Array.from({ length: n }, () => []),
        model: { name: 'm', sha256: '', adapter: '', adapterSha256: '' },
      });
    },
  };
  const signal = new SyntheticSignal({ seed: 3, nChannels: 3, sampleRate: RATE, chirps: true });
  function* items(): Generator<StreamItem> {
    yield info(LABELS, RATE);
    for (let first = 0; first < SECONDS * RATE; first += BLOCK) {
      at(first / RATE);
      yield block(first, signal.next(BLOCK));
    }
  }
  const output: PipelineOutput[] = await lastValueFrom(
    from(items()).pipe(
      pipeline({ bed: 'b', detector, montage: 'average', profiles: ['scalp'], digest: () => '0', leaveOut }),
      toArray(),
    ),
  );
  const columns = output.flatMap((item) => (item.type === 'column' ? [digest(...item.decibels)] : []));
  return { columns, canvases, trends: output.filter((item): item is TrendFrame => item.type === 'trends') };
}

t.test('while nothing is left out all is the same to the last bit', async (t) => {
  const plain = await run();
  const watched = await run({ trends: () => false, onTrends: () => t.fail('none'), step: () => false });
  t.strictSame(watched, plain);
  t.ok(plain.trends.length > 50 && plain.canvases.length > 40 && plain.columns.length > 100);
});

t.test('trends that are left out are missing, and those that follow are what they would have been', async (t) => {
  let second = 0;
  let nLeftOut = 0;
  const plain = await run();
  const { trends, canvases, columns } = await run(
    { trends: () => second >= 20 && second < 40, onTrends: () => ++nLeftOut, step: () => false },
    (now) => (second = now),
  );
  t.strictSame(canvases, plain.canvases, 'detection takes no notice');
  t.strictSame(columns, plain.columns);
  t.equal(trends.length + nLeftOut, plain.trends.length);
  t.ok(nLeftOut >= 20 && nLeftOut <= 23, `${String(nLeftOut)} s`);
  const [before, after] = [trends.filter(({ seconds }) => seconds < 20), trends.filter(({ seconds }) => seconds > 40)];
  t.strictSame(before, plain.trends.slice(0, before.length));
  t.ok(after.length > 15);
  for (const frame of after) {
    const same = plain.trends.find(({ seconds }) => seconds === frame.seconds)!;
    t.strictSame([frame.deltaDb, frame.spectralEdgeHz], [same.deltaDb, same.spectralEdgeHz]);
    const worst = Math.max(
      ...frame.envelopeUpperMicrovolts.map((upper, d) => Math.abs(upper / same.envelopeUpperMicrovolts[d]! - 1)),
    );
    t.ok(worst < 0.05, `envelope at ${String(frame.seconds)} s: off by ${(100 * worst).toFixed(2)} %`);
  }
});

t.test('steps that are left out are not made; the canvases of the others are the same', async (t) => {
  const asked: number[] = [];
  const plain = await run();
  const every = (column: number): boolean => (column / 2) % 2 === 0;
  const { canvases, trends } = await run({
    trends: () => false,
    onTrends: () => undefined,
    step: (profile, column) => {
      t.equal(profile, 'scalp');
      asked.push(column);
      return every(column);
    },
  });
  t.equal(asked.length, plain.canvases.length, 'once for each');
  t.strictSame(
    canvases,
    plain.canvases.filter((_, i) => !every(asked[i]!)),
  );
  t.strictSame(trends, plain.trends);
});
