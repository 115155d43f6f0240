import t from 'tap';
import type { AlarmPreview } from '../../../daemon/protocol/alarm-rules.js';
import { eventDraft, gapDraft } from '../timeline/drafts.js';
import { BED, startServer } from './harness.js';

const START = 1_700_000_000_000_000;
const HOUR_MICROS = 3600e6;

t.test('gaps of the hours that are previewed, also one that began long before them', async (t) => {
  const { server, hub, timeline } = await startServer(t);
  const newestTimeMicros = START + 100 * HOUR_MICROS;
  hub.addBed({ name: 'bed-1', info: () => ({ ...BED, newestTimeMicros }) });
  const gap = (
    key: string,
    fromHours: number,
    toHours: number,
    bed = 'bed-1',
  ): Parameters<typeof timeline.append>[0] => ({
    key,
    content: {
      type: 'gap',
      bed,
      onsetTimeMicros: START + fromHours * HOUR_MICROS,
      offsetTimeMicros: START + toHours * HOUR_MICROS,
      reason: 'lost-packets',
    },
  });
  await timeline.append(gapDraft(1));
  await timeline.append(eventDraft(1));
  await timeline.append(gap('long', 10, 80));
  await timeline.append(gap('of another bed', 20, 90, 'bed-2'));
  await timeline.append(gap('within', 90, 91));
  const response = await fetch(new URL('/v1/beds/bed-1/alarm-preview', server.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rules: [], hours: 24, details: true }),
  });
  const { gaps } = (await response.json()) as AlarmPreview;
  t.same(
    gaps?.map(({ onsetTimeMicros, offsetTimeMicros }) =>
      [onsetTimeMicros, offsetTimeMicros].map((micros) => (micros - START) / HOUR_MICROS),
    ),
    [
      [10, 80],
      [90, 91],
    ],
  );
});

t.test('the hours before a bed began, of which nothing is known', async (t) => {
  const { server, hub, timeline } = await startServer(t);
  hub.addBed({ name: 'bed-1', info: () => ({ ...BED, newestTimeMicros: START + 2 * HOUR_MICROS }) });
  const gapsOf = async (hours: number): Promise<AlarmPreview['gaps']> => {
    const response = await fetch(new URL('/v1/beds/bed-1/alarm-preview', server.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rules: [], hours, details: true }),
    });
    return ((await response.json()) as AlarmPreview).gaps;
  };
  const end = START + 2 * HOUR_MICROS;
  t.same(await gapsOf(0.5), [{ onsetTimeMicros: end - 1.5 * HOUR_MICROS, offsetTimeMicros: end }], 'nothing yet');
  const timeMicros = START + HOUR_MICROS;
  await timeline.append({
    key: 'start',
    content: { type: 'stream', bed: 'bed-1', timeMicros, what: 'start', text: 'an amplifier' },
  });
  t.match(await gapsOf(24), [{ offsetTimeMicros: timeMicros }]);
  t.same(await gapsOf(0.5), [], 'it had begun by then');
});
