import t from 'tap';
import { lslOptionsSchema } from '../../../adapters/lsl/options.js';
import { LslOutlet } from '../../../adapters/lsl/outlet.js';
import { devicesText } from '../../../daemon/cli/devices.js';
import { chirpd } from './chirpd.js';

t.test('each device comes with the config that opens it', (t) => {
  const text = devicesText([
    {
      kind: 'synthetic',
      title: 'Amplifiers',
      devices: [{ title: 'Amplifier 7 on /dev/ttyUSB0', options: { path: '/dev/ttyUSB0', channels: 8 } }],
    },
    { kind: 'edf', title: 'Others', devices: [] },
    { kind: 'edf', title: 'Others', devices: [], failure: 'no such program' },
    { kind: 'synthetic', title: 'Others', devices: [], failure: 'no such program' },
  ]);
  t.equal(
    text,
    `1 found; put its lines under beds: in a config file.

Amplifier 7 on /dev/ttyUSB0
    - name: bed-1
      adapter:
        kind: synthetic
        path: /dev/ttyUSB0
        channels: 8

none of: edf
could not look for edf, synthetic: no such program
`,
  );
  t.match(devicesText([]), /^No device found/);
  t.end();
});

t.test('looks for the time it is given', async (t) => {
  const began = performance.now();
  const { code, stdout } = await chirpd(['devices', '--seconds', '0.5', '--json']);
  t.equal(code, 0);
  t.ok(Array.isArray(JSON.parse(stdout)));
  t.ok(performance.now() - began < 8000);
  t.match(await chirpd(['devices', '--seconds', '0']), { code: 2, stderr: /from 0\.5 to 60/ });
});

t.test('where serial ports cannot be listed it says why, and lists what is on the network', async (t) => {
  const network = lslOptionsSchema.parse({ interfaces: ['127.0.0.1'] });
  const name = `Amplifier ${process.pid}`;
  const amplifier = await LslOutlet.start({
    name,
    type: 'EEG',
    format: 'float32',
    sampleRate: 250,
    sourceId: name,
    channels: ['C3', 'C4'].map((label) => ({ label, type: 'EEG', unit: 'microvolts' })),
    network,
  });
  t.teardown(() => amplifier.stop());
  // Without udevadm, which the library that lists ports needs.
  const { code, stdout } = await chirpd(['devices'], { env: { PATH: t.testdir() } });
  t.equal(code, 0);
  t.match(
    stdout,
    new RegExp(`${name} \\(EEG\\): 2 channels, 250 Hz, .*\\n.*\\n +adapter:\\n +kind: lsl\\n +sourceId: ${name}\\n`),
  );
  t.match(
    stdout,
    /^could not look for .*cyton.*: cannot list the serial ports: udevadm is not there \(Debian: apt-get install udev\)/m,
  );
  t.notMatch(stdout, /could not look for .*lsl/);
});
