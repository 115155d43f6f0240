import t from 'tap';
import { lslFinder } from '../../../adapters/lsl/find.js';
import { LslOutlet } from '../../../adapters/lsl/outlet.js';
import { skipWithoutPeers } from '../python-peers.js';
import { Laboratory } from './liblsl.js';
import { Listener } from './listener.js';

void t.test(
  'streams of regular numbers are found, and open as they are told',
  { skip: skipWithoutPeers() },
  async (t) => {
    const lab = new Laboratory();
    t.teardown(() => lab.stop());
    const labels = ['Cz', 'Pz'];
    await Promise.all([
      lab.outlet({ name: 'Bare', nChannels: 2, sampleRate: 250 }),
      lab.outlet({
        name: 'Full',
        sourceId: 'full-1',
        nChannels: 2,
        sampleRate: 500,
        labels,
        units: ['uV', 'uV'],
        desc: { manufacturer: 'Maker', model: 'Two' },
      }),
      lab.outlet({ name: 'Irregular', nChannels: 1, sampleRate: 10, nominalRate: 0 }),
    ]);
    const markers = await LslOutlet.start({
      name: 'Texts',
      type: 'Markers',
      format: 'string',
      sampleRate: 100,
      sourceId: 'texts',
      channels: [{ label: 'text', type: '', unit: '' }],
      network: lab.network,
    });
    t.teardown(() => markers.stop());
    const devices = await lslFinder(lab.network)(new AbortController().signal);
    const [bare, full, ...others] = [...devices].sort((a, b) => a.title.localeCompare(b.title));
    t.same(others, []);
    t.match(bare!.title, /^Bare \(EEG\): 2 channels, 250 Hz, from .+; it states no unit, check that it is microvolts$/);
    t.same(bare!.options, { name: 'Bare', unit: 'microvolts', ...lab.network });
    t.match(full!.title, /^Full \(EEG, Maker Two\): 2 channels, 500 Hz, from [^;]+$/);
    t.same(full!.options, { sourceId: 'full-1', ...lab.network });
    for (const { options } of [bare!, full!]) {
      const listener = new Listener(options);
      await listener.hear(20);
      listener.leave();
      t.equal(listener.error, undefined);
    }
    const abort = new AbortController();
    abort.abort();
    t.same(await lslFinder(lab.network)(abort.signal), [], 'looking can be given up');
  },
);
