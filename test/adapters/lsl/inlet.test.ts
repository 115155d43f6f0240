import t, { type Test } from 'tap';
import { lslAdapter } from '../../../adapters/lsl/adapter.js';
import { FeedConnection } from '../../../adapters/lsl/feed-connection.js';
import { LSL_FORMATS, type NumericFormat } from '../../../adapters/lsl/formats.js';
import { lslOptionsSchema } from '../../../adapters/lsl/options.js';
import { resolveStreams } from '../../../adapters/lsl/resolve.js';
import { fullSpeedPacer } from '../../../adapters/pacer.js';
import { contractBreach } from '../conformance.js';
import { skipWithoutPeers } from '../python-peers.js';
import { Laboratory } from './liblsl.js';
import { Listener } from './listener.js';

const skip = skipWithoutPeers();
const LABELS = ['Fp1', 'Fp2', 'T3', 'T4'];
const AMPLIFIER = {
  nChannels: 4,
  labels: LABELS,
  units: LABELS.map(() => 'microvolts'),
  types: LABELS.map(() => 'EEG'),
};
const FORMATS = LSL_FORMATS.filter((format): format is NumericFormat => format !== 'string');

function laboratory(t: Test): Laboratory {
  const lab = new Laboratory();
  t.teardown(() => lab.stop());
  return lab;
}

/** Index of the first sample that does not follow the one before it; -1 where all do. */
function firstBreak(values: readonly number[], step: number, cycle: number): number {
  return values.findIndex((value, i) => i > 0 && value !== (values[i - 1]! + step) % (cycle * step));
}

void t.test('a stream of liblsl is read sample by sample', { skip }, async (t) => {
  const lab = laboratory(t);
  const desc = { manufacturer: 'Maker', model: 'Eight', serial_number: 'SN-77' };
  await lab.outlet({ ...AMPLIFIER, name: 'Amp', sampleRate: 500, sourceId: 'amp-1', desc });
  const listener = new Listener({ name: 'Amp', ...lab.network });
  await listener.hear(1500);
  listener.leave();
  t.equal(listener.error, undefined);
  t.equal(contractBreach(listener.items), undefined);
  t.equal(listener.info.sampleRate, 500);
  t.same(
    listener.info.channels.map(({ label, sourceLabel }) => `${sourceLabel} is ${label}`),
    ['Fp1 is Fp1', 'Fp2 is Fp2', 'T3 is T7', 'T4 is T8'],
  );
  t.same(listener.info.device, { model: 'Maker Eight', serialNumber: 'SN-77' });
  t.match(listener.info.source, /^LSL stream Amp from [^,]+$/);
  t.same(listener.gaps, []);
  const first = listener.channel(0);
  t.equal(firstBreak(first, 0.5, 5000), -1, 'each sample follows the one before');
  for (const channel of [1, 2, 3]) {
    const wrong = listener.channel(channel).findIndex((value, i) => value !== first[i]! + channel);
    t.equal(wrong, -1, `channel ${channel} belongs to them`);
  }
});

void t.test('every numeric format, units in millivolts', { skip }, async (t) => {
  const lab = laboratory(t);
  const units = LABELS.map(() => 'mV');
  await Promise.all(
    FORMATS.map((format) =>
      lab.outlet({ ...AMPLIFIER, name: format, format, sampleRate: 200, units, step: 1, cycle: 60, chunk: 5 }),
    ),
  );
  await Promise.all(
    FORMATS.map(async (format) => {
      const listener = new Listener({ name: format, ...lab.network });
      await listener.hear(100);
      listener.leave();
      t.equal(listener.error, undefined, format);
      t.equal(firstBreak(listener.channel(0), 1000, 60), -1, `${format}: samples`);
      const first = listener.channel(0);
      t.equal(
        listener.channel(3).findIndex((value, i) => value !== first[i]! + 3000),
        -1,
        `${format}: channels`,
      );
    }),
  );
});

void t.test('the other byte order, which liblsl writes for a machine that has it', { skip }, async (t) => {
  const lab = laboratory(t);
  await Promise.all(
    FORMATS.map((format) =>
      lab.outlet({ ...AMPLIFIER, name: format, format, sampleRate: 200, step: 1, cycle: 60, chunk: 4 }),
    ),
  );
  await Promise.all(
    FORMATS.map(async (format) => {
      const abort = new AbortController();
      const { signal } = abort;
      const search = { network: lab.network, hosts: [], timeoutMs: 5000, settleMs: 50, signal };
      const [found] = await resolveStreams({ query: `name='${format}'`, ...search });
      const rows: number[][] = [];
      const error = await new Promise<unknown>((resolve) => {
        const handlers = {
          onSample: (_: unknown, valueOf: (channel: number) => number) => {
            rows.push([0, 1, 2, 3].map(valueOf));
          },
          onRead: () => {
            if (rows.length > 60) resolve(undefined);
          },
          onEnd: resolve,
        };
        void new FeedConnection(found!, { format, littleEndian: false, signal, handlers }).open();
      });
      abort.abort();
      t.equal(error, undefined, `${format}: the test samples are as they should be`);
      const first = rows.map((row) => row[0]!);
      t.equal(firstBreak(first, 1, 60), -1, `${format}: samples`);
      const wrong = rows.findIndex((row) => row.some((value, channel) => value !== row[0]! + channel));
      t.equal(wrong, -1, `${format}: channels`);
    }),
  );
});

void t.test('what is no EEG signal is refused with a reason', { skip }, async (t) => {
  const lab = laboratory(t);
  const idle = { ...AMPLIFIER, sampleRate: 100, nSamples: 0 };
  await Promise.all([
    lab.outlet({ ...idle, name: 'Irregular', nominalRate: 0 }),
    lab.outlet({ ...idle, name: 'Texts', format: 'string', type: 'Markers' }),
    lab.outlet({ name: 'Bare', nChannels: 2, sampleRate: 100, nSamples: 0 }),
    lab.outlet({ ...idle, name: 'Degrees', units: LABELS.map(() => 'degrees') }),
    lab.outlet({ ...idle, name: 'Eyes', types: LABELS.map(() => 'Gaze') }),
    lab.outlet({ ...idle, name: 'Twins', sourceId: 'a' }),
    lab.outlet({ ...idle, name: 'Twins', sourceId: 'b' }),
    lab.outlet({ ...idle, name: 'Mute', sourceId: 'mute' }),
  ]);
  const refusals = {
    LSL_IRREGULAR: { name: 'Irregular' },
    LSL_FORMAT: { name: 'Texts' },
    LSL_UNITS: { name: 'Bare' },
    LSL_NO_EEG: { predicate: "starts-with(name, 'Deg')" },
    LSL_AMBIGUOUS: { name: 'Twins' },
    LSL_NOT_FOUND: { name: 'Nobody', findSeconds: 0.5 },
    LSL_QUERY: { name: `both ' and "` },
    LSL_SILENT: { sourceId: 'mute', silenceSeconds: 1 },
  };
  await Promise.all(
    Object.entries(refusals).map(async ([code, options]) => {
      const listener = new Listener({ ...options, ...lab.network });
      await listener.until(() => listener.error !== undefined);
      t.match(listener.error, { code }, String(listener.error));
      t.same(listener.items, [], 'nothing came before');
    }),
  );
  const gaze = new Listener({ name: 'Eyes', ...lab.network });
  await gaze.until(() => gaze.error !== undefined);
  t.match(gaze.error, { code: 'LSL_NO_EEG' });
  t.match(String(gaze.error), /its type is Gaze/);
});

void t.test('channels that are not EEG are left out, and a unit may be stated', { skip }, async (t) => {
  const lab = laboratory(t);
  const labels = ['Cz', 'ECG', 'ACC_X', 'Pz', 'Fz'];
  const types = ['EEG', 'ECG', 'ACC', 'EEG', 'EEG'];
  await lab.outlet({ name: 'Mixed', nChannels: 5, sampleRate: 100, labels, types });
  const options = { type: 'EEG', unit: 'millivolts', exclude: ['Fz'], ...lab.network };
  const listener = new Listener(options);
  await listener.hear(50);
  listener.leave();
  t.same(
    listener.info.channels.map(({ label }) => label),
    ['Cz', 'Pz'],
  );
  t.same(listener.info.leftOut, [
    { sourceLabel: 'ECG', reason: 'its type is ECG' },
    { sourceLabel: 'ACC_X', reason: 'its type is ACC' },
    { sourceLabel: 'Fz', reason: 'excluded by option' },
  ]);
  const [first, second] = [listener.channel(0), listener.channel(1)];
  t.equal(
    second.findIndex((value, i) => value !== first[i]! + 3000),
    -1,
    'Pz is the fourth channel, in microvolts',
  );
});

void t.test('a known host is asked where multicast reaches nobody', { skip }, async (t) => {
  const lab = laboratory(t);
  await lab.outlet({ ...AMPLIFIER, name: 'Far', sampleRate: 100 });
  const nowhere = { ...lab.network, addresses: ['239.255.172.99'] };
  const without = new Listener({ name: 'Far', ...nowhere, findSeconds: 0.7 });
  await without.until(() => without.error !== undefined);
  t.match(without.error, { code: 'LSL_NOT_FOUND' });
  const listener = new Listener({ name: 'Far', ...nowhere, hosts: ['localhost', 'no-such-host.invalid'] });
  await listener.hear(50);
  listener.leave();
  t.equal(listener.error, undefined);
});

void t.test('a source does not take another device for its own', { skip }, async (t) => {
  const lab = laboratory(t);
  const first = await lab.outlet({ ...AMPLIFIER, name: 'One', sampleRate: 100, sourceId: 'one' });
  const options = lslOptionsSchema.parse({ type: 'EEG', findSeconds: 1, ...lab.network });
  // A bed opens its source anew after each loss, in one context.
  const context = { pacer: fullSpeedPacer() };
  const before = new Listener({}, lslAdapter.open(options, context));
  await before.hear(10);
  before.leave();
  await first.kill();
  await lab.outlet({ ...AMPLIFIER, name: 'Two', sampleRate: 100, sourceId: 'two' });
  const other = new Listener({}, lslAdapter.open(options, context));
  await other.until(() => other.error !== undefined);
  t.match(other.error, { code: 'LSL_NOT_FOUND' });
  t.match(String(other.error), /here before \("One" of .*, source id "one"\)/);
  const anybody = new Listener({}, lslAdapter.open(options, { ...context }));
  await anybody.hear(10);
  anybody.leave();
  t.match(anybody.info.source, /stream Two/, 'who has had none yet takes it');
  await lab.outlet({ ...AMPLIFIER, name: 'One', sampleRate: 100, sourceId: 'one' });
  const again = new Listener({}, lslAdapter.open(options, context));
  await again.hear(10);
  again.leave();
  t.match(again.info.source, /stream One/);
});
