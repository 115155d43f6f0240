import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Test } from 'tap';
import type { Observable } from 'rxjs';
import { fullSpeedPacer } from '../../../adapters/pacer.js';
import { pushAdapter } from '../../../adapters/push/adapter.js';
import { pushOptionsSchema } from '../../../adapters/push/options.js';
import { reconnecting } from '../../../adapters/reconnect.js';
import type { AdapterItem } from '../../../pipelines/core/signal.js';
import { PushExchange } from '../../../adapters/push/push-exchange.js';
import type { PushSlot } from '../../../adapters/push/push-slot.js';
import { type PusherState, Pusher } from '../../../daemon/client/node.js';
import type { PushOptions } from '../../../daemon/client/index.js';
import type { Server } from '../../../daemon/server/server.js';
import { BedListener, rampBreach } from '../../adapters/push/bed-listener.js';
import { rampBlock } from '../../adapters/push/ramp.js';
import { until } from '../../until.js';
import { BOTH_SUBPROTOCOLS, startServer } from '../server/harness.js';
import { RampSource } from './ramp-source.js';
import { Relay } from './relay.js';

/** 50 by hand: `CHIRPD_LONG_TESTS=true`. */
const N_BREAKS = process.env['CHIRPD_LONG_TESTS'] === 'true' ? 50 : 8;

const CHANNELS = ['F7', 'T7', 'P7'];

async function startBed(t: Test): Promise<{ readonly server: Server; readonly slot: PushSlot }> {
  const pushExchange = new PushExchange();
  const slot = pushExchange.open('bed-1');
  const { server } = await startServer(t, { pushExchange });
  return { server, slot };
}

function startPusher(t: Test, url: string, options: Partial<PushOptions> = {}): Pusher {
  const pusher = new Pusher({ url, bed: 'bed-1', channels: CHANNELS, sampleRate: 500, source: 'a test', ...options });
  t.teardown(() => {
    pusher.abort();
  });
  return pusher;
}

for (const subprotocol of BOTH_SUBPROTOCOLS) {
  t.test(`${subprotocol}: sends, is acknowledged, ends`, async (t) => {
    const { server, slot } = await startBed(t);
    const bed = new BedListener(slot);
    const states: PusherState[] = [];
    const pusher = startPusher(t, server.url, { subprotocol, onState: (state) => states.push(state) });
    // Before it is connected, as a source that does not wait.
    pusher.send(rampBlock(3, 0, 100));
    await pusher.ready();
    pusher.send(rampBlock(3, 100, 400).map((values) => Array.from(values)));
    await pusher.acknowledged();
    t.equal(bed.end, 500);
    pusher.skip(20);
    pusher.send(rampBlock(3, 520, 30));
    // More than one message holds.
    pusher.send(rampBlock(3, 550, 60_000));
    await pusher.close();
    t.match(bed.error, { code: 'PUSH_ENDED' });
    t.equal(bed.breach(), undefined);
    t.match(bed.gaps, [{ firstSample: 500, nSamples: 20, reason: 'lost-packets' }]);
    t.equal(bed.end, 60_550);
    t.same(states, ['ready', 'closed']);
    t.match(pusher.figures, { acknowledged: 60_550, nBuffered: 0, nDropped: 0, nReconnects: 0 });
    t.throws(
      () => {
        pusher.send(rampBlock(3, 0, 1));
      },
      { code: 'PUSH_CLIENT' },
    );
  });
}

t.test('refuses what the daemon would refuse', async (t) => {
  const { server } = await startBed(t);
  const pusher = startPusher(t, server.url);
  for (const wrong of [[], [[1], [1]], [[1], [1], [1, 2]], [[], [], []], [[1], [NaN], [1]], [[1], [1], [Infinity]]]) {
    t.throws(
      () => {
        pusher.send(wrong);
      },
      { code: 'PUSH_CLIENT' },
    );
  }
  t.throws(
    () => {
      pusher.skip(-1);
    },
    { code: 'PUSH_CLIENT' },
  );
  t.equal(pusher.nextSample, 0);
});

t.test('fails for good where a person is needed, and says why', async (t) => {
  const { server, slot } = await startBed(t);
  const bed = new BedListener(slot, { options: { sampleRate: 256 } });
  const nowhere = startPusher(t, server.url, { bed: 'bed-9' });
  await t.rejects(nowhere.ready(), { code: 'PUSH_REFUSED', message: /no bed "bed-9" .*PROTOCOL_NO_SUCH_BED/ });
  t.equal(nowhere.state, 'failed');
  await t.rejects(nowhere.close(), { code: 'PUSH_REFUSED' });
  const wrong = startPusher(t, server.url);
  await t.rejects(wrong.ready(), { code: 'PUSH_REFUSED', message: /256 Hz, and the pusher sends 500 Hz/ });
  bed.leave();
});

t.test(`${N_BREAKS} breaks at random moments: every sample comes, once, in its place`, async (t) => {
  const { server, slot } = await startBed(t);
  const relay = await Relay.start(server.port);
  t.teardown(() => relay.stop());
  const bed = new BedListener(slot);
  const pusher = startPusher(t, relay.url, { sampleRate: 1000 });
  const source = new RampSource(pusher, 3, 1000);
  await pusher.ready();
  for (let i = 0; i < N_BREAKS; i++) {
    await sleep(50 + Math.random() * 500);
    relay.cut();
    await until(() => pusher.state !== 'ready', 'the break is noticed');
    // Some breaks outlast an attempt or two.
    relay.isUp = Math.random() < 0.5;
    await sleep(Math.random() * 400);
    relay.isUp = true;
    await until(() => pusher.state === 'ready', 'the pusher is back', 20_000);
  }
  source.stop();
  await pusher.close();
  t.equal(bed.breach(), undefined);
  t.same(bed.gaps, [], 'nothing lost: all of it was in the buffer');
  t.equal(bed.end, pusher.nextSample);
  t.ok(pusher.figures.nReconnects >= N_BREAKS);
  t.comment(`${pusher.nextSample} samples, ${pusher.figures.nReconnects} reconnects`);
});

t.test('a break longer than the buffer is a gap of the right length', async (t) => {
  const { server, slot } = await startBed(t);
  const relay = await Relay.start(server.port);
  t.teardown(() => relay.stop());
  const bed = new BedListener(slot);
  const pusher = startPusher(t, relay.url, { bufferSeconds: 0.4 });
  const source = new RampSource(pusher, 3, 500);
  await until(() => bed.end > 100, 'samples');
  relay.isUp = false;
  relay.cut();
  await sleep(1500);
  relay.isUp = true;
  await until(() => pusher.state === 'ready', 'the pusher is back', 20_000);
  source.stop();
  await pusher.close();
  t.equal(bed.breach(), undefined);
  const nLost = bed.gaps.reduce((sum, { nSamples }) => sum + nSamples, 0);
  t.same([...new Set(bed.gaps.map(({ reason }) => reason))], ['disconnected']);
  t.equal(nLost, pusher.figures.nDropped);
  t.ok(nLost > 300, `${nLost} samples lost`);
  t.equal(bed.end, pusher.nextSample);
});

t.test('a bed that restarts goes on in the same stream', async (t) => {
  const { server, slot } = await startBed(t);
  const first = new BedListener(slot);
  const pusher = startPusher(t, server.url);
  const source = new RampSource(pusher, 3, 500);
  await until(() => first.end > 100, 'samples');
  first.leave();
  await sleep(300);
  const second = new BedListener(slot);
  await until(() => second.end > 200, 'samples');
  source.stop();
  await pusher.close();
  t.equal(first.breach(), undefined);
  t.equal(second.breach(first.end), undefined);
  t.same(second.gaps, []);
  t.equal(first.end + second.end, pusher.nextSample);
});

t.test(
  'a bed that is opened anew by its daemon has no gap where nothing was lost, whatever the clocks say',
  async (t) => {
    const { server, slot } = await startBed(t);
    const relay = await Relay.start(server.port);
    t.teardown(() => relay.stop());
    const errors: unknown[] = [];
    const open = (): Promise<Observable<AdapterItem>> => {
      const options = pushOptionsSchema.parse({ resumeSeconds: 0.1 });
      return Promise.resolve(pushAdapter.open(options, { pacer: fullSpeedPacer(), pushSlot: slot }));
    };
    const items: AdapterItem[] = [];
    const subscription = reconnecting({ open, onLost: (error) => errors.push(error) }).subscribe((item) =>
      items.push(item),
    );
    t.teardown(() => {
      subscription.unsubscribe();
    });
    const startTimeMicros = (Date.now() - 3_600_000) * 1000;
    const pusher = startPusher(t, relay.url, { startTimeMicros });
    const source = new RampSource(pusher, 3, 500);
    for (let i = 0; i < 2; i++) {
      await sleep(400);
      relay.isUp = false;
      relay.cut();
      await sleep(600);
      relay.isUp = true;
      await until(() => pusher.state === 'ready', 'the pusher is back');
    }
    source.stop();
    await pusher.acknowledged();
    t.equal(rampBreach(items), undefined);
    t.same(
      items.filter(({ type }) => type === 'gap'),
      [],
    );
    t.match(errors, [{ code: 'PUSH_GONE' }, { code: 'PUSH_GONE' }]);
  },
);

t.test('a daemon that restarts and has forgotten: the stream goes on with what is not acknowledged', async (t) => {
  const old = await startBed(t);
  const bed = new BedListener(old.slot);
  const relay = await Relay.start(old.server.port);
  t.teardown(() => relay.stop());
  const pusher = startPusher(t, relay.url);
  pusher.send(rampBlock(3, 0, 250));
  await pusher.acknowledged();
  await old.server.stop();
  bed.leave();
  pusher.send(rampBlock(3, 250, 250));
  const pushExchange = new PushExchange();
  const slot = pushExchange.open('bed-1');
  const next = new BedListener(slot);
  await startServer(t, { pushExchange, port: old.server.port });
  await pusher.close();
  t.equal(next.breach(250), undefined);
  t.equal(next.end, 250);
});

t.test('a slow bed holds a source that waits, and no memory grows', async (t) => {
  const { server, slot } = await startBed(t);
  const bed = new BedListener(slot, { pacer: { due: () => sleep(1) } });
  const pusher = startPusher(t, server.url, { bufferSeconds: 4 });
  for (let i = 0; i < 100; i++) {
    await pusher.room();
    pusher.send(rampBlock(3, i * 500, 500));
  }
  t.equal(pusher.figures.nDropped, 0);
  await pusher.close();
  t.equal(bed.end, 50_000);
  t.equal(bed.breach(), undefined);
});
