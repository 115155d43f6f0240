import t, { type Test } from 'tap';
import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { startBoard } from './board-rig.js';
import { chromiumPath } from './browser.js';
import { feedAlarms } from './fed-alarms.js';
import { openAlarm } from './open-alarm.js';

const ZONE = 'Europe/Berlin';
/** Both at half past two by the unit's clocks, which were set back in between. */
const TWICE: readonly OpenAlarm[] = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map((iso, i) =>
  openAlarm({ id: String(i), bed: 'Bed 1', raisedTimeMicros: Date.parse(iso) * 1000 }),
);

/** `2026-11-28 14:03:22`, as Node's own table of zones has it. */
function berlinText(ms: number): string {
  return new Date(ms).toLocaleString('sv-SE', { timeZone: ZONE });
}

async function run(t: Test, executablePath: string): Promise<void> {
  const beds = [{ name: 'Bed 1', adapter: { kind: 'synthetic', seed: 1 } }];
  const { daemon, browser } = await startBoard(t, executablePath, () => ({ unit: { timeZone: ZONE }, beds }));
  // On the other side of the earth's day, with a clock that is an hour slow.
  const page = await browser.newPage({ timezoneId: 'Pacific/Auckland' });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.addInitScript((ms) => {
    const { now } = Date;
    Date.now = () => now() - ms;
  }, 3600e3);
  await feedAlarms(page, () => TWICE);
  await page.goto(daemon.url);
  await page.waitForSelector('#connection[data-state="live"]');

  await t.test('the clock is that of the unit, and says so', async (t) => {
    const shown = await page.waitForFunction(
      () => /^\d{4}/.exec(document.querySelector('#clock')?.textContent ?? '')?.input,
    );
    const [text, nowMs] = [await shown.jsonValue(), Date.now()];
    // It moves five times a second, and a machine may be busy.
    const within = Array.from({ length: 60 }, (_, i) => berlinText(nowMs - i * 1000));
    t.ok(within.includes(String(text)), `${String(text)} is within a minute before ${berlinText(nowMs)}`);
    t.match(await page.locator('#zone').textContent(), /^CES?T$/);
    t.equal(await page.locator('#zone').getAttribute('title'), ZONE);
    await page.locator('#language-de').click();
    t.match(await page.locator('#zone').textContent(), /^MES?Z$/);
    await page.locator('#language-en').click();
  });

  await t.test(
    'alarms of another day have their date, and those of the hour that came twice the zone’s name',
    async (t) => {
      const since = await page.locator('.alarm-since').allTextContents();
      t.match(since[0], /^since 2026-10-25 02:30:00 CEST, \d+ d/);
      t.match(since[1], /^since 2026-10-25 02:30:00 CET, \d+ d/);
    },
  );

  await t.test('so is the moment at which the connection was lost', async (t) => {
    daemon.signal('SIGSTOP');
    const fromMs = Date.now();
    await page.waitForSelector('#connection[data-state="stale"]', { timeout: 30_000 });
    const text = (await page.locator('#connection').textContent()) ?? '';
    const time = /\d\d:\d\d:\d\d/.exec(text)?.[0] ?? '';
    const within = Array.from({ length: 90 }, (_, i) => berlinText(fromMs - 30_000 + i * 1000).slice(11));
    t.ok(within.includes(time), `${text}, frozen at ${berlinText(fromMs)}`);
  });
  t.same(errors, []);
}

const executablePath = chromiumPath();
if (executablePath === undefined && process.env['CI'] === 'true') {
  t.fail('chromium is missing, and CI must have it');
} else {
  const skip = executablePath === undefined && 'no chromium here (apt-get install chromium)';
  void t.test('times in a browser of another zone', { skip, timeout: 200_000 }, (t) => run(t, executablePath ?? ''));
}
