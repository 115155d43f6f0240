import t from 'tap';
import { regionOf } from '../../../daemon/protocol/region-of.js';

t.test('sides by 10-20 names', (t) => {
  const labels = {
    left: ['Fp1-F3', 'C3', 'T7-avg', 'T3-A1', 'Cz-C3', 'C3 (2)', 'F7-Fz'],
    right: ['F8-T8', 'O2', 'P8-avg', 'A2', 'Cz-P4'],
    neither: ['Fz-Cz', 'C3-C4', 'Cz', 'Fp1-A2', 'contact C3', 'Ch1', 'EEG 2', 'ECG', ''],
  };
  for (const [side, names] of Object.entries(labels)) {
    for (const name of names) t.equal(regionOf(name), side === 'neither' ? undefined : side, name);
  }
  t.end();
});
