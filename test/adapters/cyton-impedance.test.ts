import t from 'tap';
import { CHANNEL_CODES } from '../../adapters/cyton/board.js';
import { createImpedanceMeter } from '../../adapters/cyton/impedance.js';
import { EmulatedCyton } from '../../adapters/cyton/emulated-board.js';
import { CytonSamples } from '../../adapters/cyton/samples.js';
import type { ElectrodeContact } from '../../pipelines/core/signal.js';
import { seeded } from './cyton-damage.js';

const OHMS = [0, 1000, 5000, 10_000, 47_000, 200_000, 2_000_000, 1e9];

/** Readings of all channels, each electrode with its impedance, over background that is as strong as EEG. */
function measure(hasDaisy: boolean): readonly (readonly ElectrodeContact[])[] {
  const random = seeded(1);
  const board = new EmulatedCyton({ hasDaisy, impedancesOhms: [...OHMS, ...OHMS], answer: () => undefined });
  const codes = Array.from(CHANNEL_CODES.slice(0, hasDaisy ? 16 : 8));
  board.receive(Buffer.from(`${codes.map((code) => `z${code}01Z`).join('')}b`));
  const channels = codes.map((_, place) => ({ label: `Ch${place}`, place, gain: 24 as const }));
  const meter = createImpedanceMeter({ hasDaisy, channels }, { offOhms: 1e6 });
  const readings: (readonly ElectrodeContact[])[] = [];
  const reader = new CytonSamples({ hasDaisy, channels }, ({ sample, microvolts }) => {
    const contacts = meter.push(sample, microvolts);
    if (contacts !== undefined) readings.push(contacts);
  });
  let drift = 0;
  for (let n = 0; n < 250 * 6; n++) {
    drift = 0.98 * drift + (random() - 0.5) * 10;
    const eeg = drift + 30 * Math.sin((2 * Math.PI * 10 * n) / 250);
    reader.push(board.next(new Float64Array(16).fill(eeg))!, n * 4000);
  }
  return readings;
}

for (const hasDaisy of [false, true]) {
  void t.test(hasDaisy ? 'with Daisy' : 'eight channels', (t) => {
    const readings = measure(hasDaisy);
    t.ok(readings.length >= 5, `${readings.length} readings in 6 s`);
    for (const contacts of readings) {
      contacts.forEach(({ impedanceOhms, isOff }, i) => {
        const ohms = OHMS[i % OHMS.length]!;
        t.equal(isOff, ohms >= 1e6, `${ohms} ohm: ${isOff ? 'off' : 'on'}`);
        if (ohms >= 1e9) t.equal(impedanceOhms, undefined, 'a clipped input measures nothing');
        else
          t.ok(Math.abs(impedanceOhms! - ohms) < 150 + 0.01 * ohms, `${ohms} ohm reads ${impedanceOhms!.toFixed(0)}`);
      });
    }
    t.end();
  });
}
