import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { SUBPROTOCOL_MSGPACK } from '../../daemon/protocol/messages.js';
import { Laboratory } from '../adapters/lsl/liblsl.js';
import { skipWithoutPeers } from '../adapters/python-peers.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { eventsOf } from './events.js';
import { StreamSubscriber } from './stream-subscriber.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(120_000);

const LABELS = ['F7', 'T7', 'P7', 'F8', 'T8', 'P8'];
const AMPLIFIER = {
  name: 'Amplifier',
  sourceId: 'amp-7',
  nChannels: LABELS.length,
  sampleRate: 250,
  labels: LABELS,
  units: LABELS.map(() => 'microvolts'),
};

t.test('an amplifier on LSL in, chirps and trends on LSL out', { skip: skipWithoutPeers() }, async (t) => {
  const lab = new Laboratory();
  t.teardown(() => lab.stop());
  const amplifier = await lab.outlet(AMPLIFIER);
  const folder = temporaryFolder(t);
  const network = { ...lab.network, addresses: [...lab.network.addresses], interfaces: [...lab.network.interfaces] };
  const config = writeConfig(folder, 'lsl', {
    lsl: { events: true, trends: true, ...network },
    detection: { presence: 0.25, confirmSteps: 1 },
    beds: [
      { name: 'Amplified', adapter: { kind: 'lsl', sourceId: 'amp-7', ...network } },
      {
        name: 'Made up',
        speed: 8,
        montage: ['F7-T7', 'T7-P7'],
        adapter: { kind: 'synthetic', seed: 3, durationSeconds: 100 },
      },
    ],
  });
  const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
  t.teardown(() => daemon.kill());
  const subscriber = new StreamSubscriber(SUBPROTOCOL_MSGPACK);
  subscriber.follow(await daemon.ready());
  const markers = lab.program('lsl_inlet.py', []);
  markers.tell(JSON.stringify({ open: "name='chirpd chirps'" }));
  t.match(await markers.told(), { info: { type: 'Markers' } });
  const trends = lab.program('lsl_inlet.py', []);
  trends.tell(JSON.stringify({ open: "name='chirpd trends Amplified'", timeout: 15 }));
  t.match(await trends.told(), { info: { type: 'Trends' } });
  trends.tell(JSON.stringify({ pull: 2 }));
  const { samples } = (await trends.told()) as { samples: { values: number[] }[] };
  t.ok(samples.length === 2 && samples.every(({ values }) => values.every(Number.isFinite)), 'trends of the amplifier');

  await amplifier.kill();
  await sleep(500);
  await lab.outlet(AMPLIFIER);
  await subscriber.untilEnded(['Made up'], 60_000);
  await subscriber.disconnect();

  const told = eventsOf(subscriber.heard).map(({ id, revision, phase }) => ({ id, revision, phase }));
  markers.tell(JSON.stringify({ pull: told.length, timeout: 2 }));
  const { samples: texts } = (await markers.told()) as { samples: { values: string[] }[] };
  const marked = texts.map(({ values }) => JSON.parse(values[0]!) as { id: string; revision: number; phase: string });
  t.ok(marked.length >= 2, `${marked.length} markers of ${told.length} events`);
  t.same(
    marked.map(({ id, revision, phase }) => ({ id, revision, phase })),
    told.slice(-marked.length),
    'the events that were told since the inlet is there, in their order',
  );
  const gaps = subscriber.heard.filter((message) => message.type === 'gap');
  t.match(gaps, [{ bed: 'Amplified', reason: 'disconnected' }], 'the amplifier was away once');
  t.equal(gaps.length, 1);
});
