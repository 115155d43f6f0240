import t from 'tap';
import { LABEL_TABLE_HEADER, labelTable } from '../../../daemon/labels/label-table.js';
import { parseHedScore } from '../../../daemon/score/hed-score.js';
import { parseTable } from '../../../daemon/score/table-text.js';
import { label, START } from './made-label.js';

const span = { startMicros: START, endMicros: START + 600e6 };

t.test('as the scorer reads it', (t) => {
  const labels = [
    label({ onset: 100, offset: 120 }),
    label({ onset: 10, offset: 20.5, verdict: 'added', text: 'Seizure, focal' }),
    label({ onset: 200, offset: 210, verdict: 'rejected', text: '' }),
    label({ onset: 300, offset: 310, verdict: 'rejected', text: 'Artifact' }),
    label({ onset: 400, offset: 410, verdict: 'changed', text: 'rhythm' }),
    label({ onset: -10, offset: 5 }),
    label({ onset: 590, offset: 700 }),
    label({ onset: 600, offset: 700 }),
  ];
  const table = labelTable(labels, span);
  t.ok(table.startsWith(LABEL_TABLE_HEADER));
  const { seizures, nOtherRows } = parseHedScore(table, 'night_events.tsv');
  t.same(
    seizures.map(({ onsetSeconds, offsetSeconds }) => [onsetSeconds, offsetSeconds]),
    [
      [0, 5],
      [10, 20.5],
      [100, 120],
      [590, 600],
    ],
    'chirps and seizures, those across an end as far as they lie within',
  );
  t.equal(nOtherRows, 2, 'artifact and rhythm are looked for by nobody, and counted');
  t.match(table, /\n200\.000\t10\.000\tbckg\t/);
  t.end();
});

t.test('every cell in its column, whatever people write', (t) => {
  const note = '"quoted", 100 % sure; ok';
  const text = labelTable(
    [label({ onset: 1, offset: 2, name: 'Zoë "Z"', note, derivations: ['F7-T7', 'T7-P7'] })],
    span,
  );
  const table = parseTable(text, 'x.tsv', '\t', ['onset', 'duration', 'eventType']);
  const [row] = table.rows;
  t.equal(row?.cell('name'), 'Zoë "Z"');
  t.equal(row?.cell('note'), note);
  t.equal(row?.cell('channels'), 'F7-T7,T7-P7');
  t.equal(row?.cell('dateTime'), '2023-11-14 22:13:20');
  t.equal(row?.cell('recordingDuration'), '600.000');
  t.equal(row?.cell('startFrequencyHz'), '7.00');
  t.equal(row?.cell('verdict'), 'confirmed');
  t.end();
});
