import t from 'tap';
import { createBed } from '../../../daemon/create-bed.js';
import { BedShare } from '../../../daemon/overload/bed-share.js';
import { PendingSteps } from '../../../daemon/overload/pending-steps.js';
import { until } from '../../until.js';

t.setTimeout(120_000);

t.test('a live bed waits for its model, and where it may not, loses steps and no sample', async (t) => {
  const shared = { level: 0 as const, goesOn: false, pending: new PendingSteps(), counts: { nTrends: 0, nSteps: 0 } };
  const share = new BedShare(shared, 0);
  let nAsked = 0;
  const bed = createBed({
    name: 'Bed 1',
    adapter: {
      kind: 'synthetic',
      options: { seed: 1, nChannels: 2, sampleRate: 256, chirps: true },
    },
    speed: 1,
    montage: 'average',
    profiles: ['fast'],
    // It never answers.
    detector: {
      detect: () => {
        nAsked++;
        return new Promise(() => undefined);
      },
    },
    share,
  });
  t.teardown(() => bed.stop());
  let nextSample = 0;
  bed.source$.subscribe((item) => {
    if (item.type === 'gap') t.fail('a gap');
    if (item.type !== 'block') return;
    t.equal(item.firstSample, nextSample);
    nextSample += item.samples[0]!.length;
  });
  bed.start();
  await until(() => nAsked === 6, 'six steps wait', 30_000);
  await until(() => share.look() > 1500, 'it is held back', 30_000);
  t.equal(nAsked, 6);
  t.equal(shared.pending.n, 6);
  t.equal(bed.info().stepsLeftOut, undefined);
  const nHeld = nextSample;

  shared.goesOn = true;
  share.wake();
  await until(() => nextSample > nHeld + 4 * 256, 'samples go on', 30_000);
  t.equal(nAsked, 6, 'nothing more waits');
  const { n = 0, reason = '' } = bed.info().stepsLeftOut ?? {};
  t.ok(n > 8, `${String(n)} steps left out`);
  t.match(reason, 'the model is too slow, or does not run');
  await until(() => share.look() < 500, 'it has made good what it missed', 30_000);
});
