import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { Pusher } from '../../daemon/client/node.js';
import { askRules, putRules } from '../e2e/alarm-rules.js';
import { readTimeline } from '../e2e/read-timeline.js';
import { freePort } from '../free-port.js';
import { until } from '../until.js';
import { chromiumPath, launchChromium } from './browser.js';
import { writeChirpyNight } from './chirpy-night.js';
import { ensureBuilt, RunningDaemon } from './daemon.js';

const BED = 'Bed 7 / ICU';
const SAMPLE_RATE = 256;
const PANEL = '#alarm-rules';
const LONG = { timeout: 60_000 };

t.setTimeout(300_000);

/** A gateway that pushes noise in real time. */
function startGateway(url: string): () => void {
  const pusher = new Pusher({ url, bed: BED, channels: ['E1', 'E2'], sampleRate: SAMPLE_RATE, source: 'a gateway' });
  const startMs = performance.now();
  const timer = setInterval(() => {
    const n = Math.floor(((performance.now() - startMs) / 1000) * SAMPLE_RATE) - pusher.nextSample;
    if (n > 0) pusher.send([1, 2].map(() => new Float32Array(n).map(() => 30 * (Math.random() - 0.5))));
  }, 200);
  return () => {
    clearInterval(timer);
    pusher.abort();
  };
}

const errors: string[] = [];

async function openBed(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en' });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // A daemon that is away, rules that are refused: the browser itself says so.
    if (message.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(message.text())) {
      errors.push(message.text());
    }
  });
  await page.goto(`${url}#bed=${encodeURIComponent(BED)}`);
  return page;
}

async function openPanel(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Alarm rules/ }).click(LONG);
  await page.waitForSelector(`${PANEL} .rules-preview[data-stale="false"]`, LONG);
}

const textOf = async (page: Page, selector: string): Promise<string> =>
  (await page.locator(`${PANEL} ${selector}`).first().textContent()) ?? '';
const sentences = (page: Page): Promise<readonly string[]> => page.locator(`${PANEL} .rule-sentence`).allTextContents();
const figures = (page: Page): Promise<readonly string[]> =>
  page.locator(`${PANEL} .rules-preview-figures dd`).allTextContents();
const save = (page: Page): Promise<void> => page.locator(`${PANEL} .rules-save button`).click();

async function untilText(page: Page, selector: string, pattern: RegExp): Promise<void> {
  await until(async () => pattern.test(await textOf(page, selector)), `${selector}: ${String(pattern)}`, 60_000);
}

/** Rows of the strip in which something of this colour is painted. */
async function paintedRows(page: Page, colour: readonly [number, number, number]): Promise<number> {
  return page.locator(`${PANEL} .rules-strip`).evaluate((node, [r, g, b]) => {
    const canvas = node as HTMLCanvasElement;
    const { data, width, height } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let n = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const i = 4 * (y * width + x);
        if (data[i] !== r || data[i + 1] !== g || data[i + 2] !== b) continue;
        n++;
        break;
      }
    }
    return n;
  }, colour);
}

async function run(t: Test, executablePath: string): Promise<void> {
  ensureBuilt();
  const directory = await mkdtemp(join(tmpdir(), 'chirpd-alarm-rules-'));
  const data = join(directory, 'data');
  const nChirps = await writeChirpyNight(data, BED);
  const configPath = join(directory, 'chirpd.json');
  const beds = [BED, 'Bed 8'].map((name) => ({ name, adapter: { kind: 'push' }, montage: 'recorded' }));
  await writeFile(configPath, JSON.stringify({ server: { port: await freePort() }, data, beds }));
  let daemon = await RunningDaemon.start(configPath);
  const { url } = daemon;
  const stopGateway = startGateway(url);
  const browser = await launchChromium(executablePath);
  t.teardown(async () => {
    stopGateway();
    await browser.close();
    await daemon.kill();
    await rm(directory, { recursive: true, force: true });
  });
  const page = await openBed(browser, url);
  const panel = page.locator(PANEL);
  await openPanel(page);

  await t.test('the rules in force, and what they did in the last 24 hours', async (t) => {
    t.equal(await textOf(page, 'h2'), `Alarm rules of ${BED}`);
    t.match(await textOf(page, '.rules-source'), /^In force: the rules of the config, of all beds\.$/);
    t.same(await sentences(page), [
      'High alarm when chirps take 90 % of the last 5 minutes or more.',
      'Medium alarm when chirps take 50 % of the last 5 minutes or more.',
      'Low alarm when chirps take 10 % of the last 5 minutes or more.',
    ]);
    const [chirps, these, now] = await figures(page);
    t.equal(chirps, `${String(nChirps)} chirps, hatched: no signal`);
    t.match(these, /^3 alarms, 1 h \d+ min in all \(high 1, medium 1, low 1\)\. As now\.$/);
    t.match(now, /^3 alarms/);
    t.match(await page.locator('.rules-strip').getAttribute('aria-label'), /125 chirps\. With these rules: 3 alarms/);
    t.ok((await paintedRows(page, [0xb0, 0x12, 0x12])) > 20, 'red on the strip');
    t.equal(await page.locator('.bed-view').isVisible(), false);
    t.ok(await page.locator('#alarm-counts').isVisible(), 'alarms stay in sight');
  });

  await t.test('change, add and remove by keyboard; the preview follows', async (t) => {
    await page.getByRole('button', { name: 'Remove rule 3' }).press('Enter');
    t.equal((await sentences(page)).length, 2);
    t.match(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Remove rule 2');
    await page.getByRole('button', { name: 'Add a rule' }).press('Enter');
    t.equal(await page.evaluate(() => document.activeElement?.tagName), 'SELECT', 'straight to its fields');
    await page.keyboard.press('l');
    await panel.getByLabel('By', { exact: true }).last().selectOption('perHour');
    await panel.getByLabel('Number', { exact: true }).last().fill('30');
    await panel.getByLabel('Score from').last().fill('0.5');
    t.match(
      (await sentences(page))[2],
      /^Low alarm when 30 or more chirps began in the last hour\. Only chirps with a score of 0\.5/,
    );
    await page.waitForSelector(`${PANEL} .rules-preview[data-stale="false"]`, LONG);
    t.match(
      (await figures(page))[1],
      /^3 alarms, .*\(high 1, medium 1, low 1\)$/,
      'faint ones of an hour do not count',
    );
    t.match(await page.locator('.rule-alone').last().textContent(), /^By itself, in 24 h: 1 alarm, /);
    await page.getByRole('button', { name: 'Change rule 1' }).click();
    await page.getByRole('button', { name: '50 %' }).first().click();
    t.match((await sentences(page))[0], /^High alarm when chirps take 50 %/);
    await page.waitForSelector(`${PANEL} .rules-preview[data-stale="false"]`, LONG);
    t.match((await figures(page))[1], /high 2, medium 0, low 1/);
  });

  await t.test('what is wrong is said at its field, and not sent', async (t) => {
    const field = panel.getByLabel('Score from').first();
    await field.fill('5');
    t.equal(await field.getAttribute('aria-invalid'), 'true');
    const described = (await field.getAttribute('aria-describedby')) ?? '';
    const texts = await Promise.all(described.split(' ').map((id) => page.locator(`#${id}`).textContent()));
    t.same(texts, ['0 to 1', 'A number from 0 to 1 is needed']);
    await untilText(page, '.rules-preview-state', /without those rules/);
    await panel.getByLabel('Your name').fill('Ada');
    await save(page);
    t.match(await textOf(page, '.alarm-trouble'), /marked/);
    t.match((await askRules(url, BED)).rules, { source: 'config' });
    await field.fill('0.25');
    t.equal(await field.getAttribute('aria-invalid'), null);
    await panel.getByLabel('Your name').fill('');
    await save(page);
    t.equal(await page.locator('.rules-save .rule-trouble').first().textContent(), 'Your name is needed');
  });

  await t.test('put in force: at once, with name and note', async (t) => {
    await panel.getByLabel('Your name').fill('Ada');
    await panel.getByLabel('Note (may stay empty)').fill('too many at night');
    await save(page);
    await untilText(page, '.rules-done', /^These rules are in force\.$/);
    t.match(await textOf(page, '.rules-source'), /^In force: rules changed by Ada, .* Note: too many at night$/);
    t.match((await askRules(url, BED)).rules, {
      ...{ source: 'person', lastChange: { name: 'Ada', note: 'too many at night' } },
      rules: [
        { priority: 'high', burden: 0.5, minimumScore: 0.25 },
        { priority: 'medium', burden: 0.5 },
        { priority: 'low', perHour: 30, minimumScore: 0.5 },
      ],
    });
    await page.keyboard.press('Escape');
    t.ok(await page.locator('.bed-view').isVisible(), 'back in the bed, not on the board');
    await page.getByText(/^Alarm rules changed by Ada, /).waitFor(LONG);
    t.equal(await page.evaluate(() => localStorage.getItem('chirpd.acknowledgedBy')), 'Ada');
    const second = await openBed(browser, url);
    await second.getByText(/^Alarm rules changed by Ada, /).waitFor(LONG);
    await second.close();
  });

  await t.test('somebody else changes them meanwhile: said, with theirs', async (t) => {
    await openPanel(page);
    await page.getByRole('button', { name: 'Remove rule 2' }).click();
    const bob = { name: 'Bob', note: 'after the CT', rules: [{ priority: 'high', each: true } as const] };
    t.equal((await putRules(url, BED, '*', bob)).status, 200);
    await page.waitForSelector('.rules-conflict:not([hidden])', LONG);
    t.match(
      await textOf(page, '.rules-conflict'),
      /^Bob changed the rules at .*after the CT.*High alarm for each chirp\./,
    );
    t.equal(await page.locator('.rules-save button').getAttribute('aria-disabled'), 'true');
    t.equal((await sentences(page)).length, 2, 'mine are still there');
    await page.getByRole('button', { name: 'Keep mine' }).click();
    await save(page);
    await untilText(page, '.rules-done', /in force/);
    t.match((await askRules(url, BED)).rules, { lastChange: { name: 'Ada' }, rules: { length: 2 } });
    t.equal((await putRules(url, BED, '*', { ...bob, note: '' })).status, 200);
    await untilText(page, '.rules-done', /^Bob has changed the rules: they are shown now\.$/);
    t.same(await sentences(page), ['High alarm for each chirp.'], 'nothing of mine was lost by that');
  });

  await t.test('a lost connection is said, and nothing that was entered is lost', async (t) => {
    await page.getByRole('button', { name: 'Change rule 1' }).click();
    await panel.getByLabel('Duration from, s').fill('7');
    await panel.getByLabel('Note (may stay empty)').fill('half a note');
    await daemon.kill();
    await untilText(page, '.rules-lost', /^No connection to the daemon since .* stays here\.$/);
    t.equal(await page.locator('.rules-save button').getAttribute('aria-disabled'), 'true');
    await panel.getByLabel('Score from').fill('0.75');
    daemon = await RunningDaemon.start(configPath);
    await until(async () => (await textOf(page, '.rules-lost')) === '', 'the connection', 60_000);
    const expected =
      /^High alarm for each chirp\. Only chirps with a score of 0\.75 or more and of 7 s or longer count\.$/;
    t.match((await sentences(page))[0], expected);
    t.equal(await panel.getByLabel('Note (may stay empty)').inputValue(), 'half a note');
    await page.keyboard.press('Escape');
    await page.goto(`${url}#bed=Bed%208`);
    await page.getByRole('heading', { name: 'Bed 8' }).waitFor(LONG);
    await page.getByRole('button', { name: 'Alarm rules', exact: true }).click(LONG);
    await untilText(page, '.rules-preview-state', /^This bed has had no samples yet/);
    t.equal((await sentences(page)).length, 3, 'the rules of the other bed');
    await page.goBack();
    await page.getByRole('button', { name: 'Alarm rules (not saved)' }).click(LONG);
    t.match((await sentences(page))[0], expected, 'nor by closing the panel, nor by that of another bed');
    await save(page);
    await untilText(page, '.rules-done', /in force/);
  });

  await t.test('back to the config, in German', async (t) => {
    await page.getByRole('button', { name: 'Deutsch' }).click();
    await page.getByRole('button', { name: 'Regeln der Konfiguration nehmen' }).click();
    t.match((await sentences(page))[0], /^Hoher Alarm, wenn Chirps mindestens 90 %/);
    await page.getByRole('button', { name: 'Zu den Regeln der Konfiguration zurückkehren' }).click();
    await untilText(
      page,
      '.rules-source',
      /^Es gelten die Regeln der Konfiguration, für alle Betten\. Ada ist zu ihnen/,
    );
    t.match((await askRules(url, BED)).rules, { source: 'config', lastChange: { what: 'withdrawn', name: 'Ada' } });
    await page.keyboard.press('Escape');
    await page.locator('.rules-tag').waitFor({ ...LONG, state: 'hidden' });
    const changes = (await readTimeline(url)).filter(({ type }) => type === 'alarmRules');
    t.same(
      changes.map((change) => ('name' in change ? change.name : '')),
      ['Ada', 'Bob', 'Ada', 'Bob', 'Ada', 'Ada'],
    );
  });

  t.same(errors, []);
}

const executablePath = chromiumPath();
if (executablePath === undefined && process.env['CI'] === 'true') {
  t.fail('chromium is missing, and CI must have it');
} else {
  const skip = executablePath === undefined && 'no chromium here (apt-get install chromium)';
  void t.test('alarm rules in a browser', { skip, timeout: 300_000 }, (t) => run(t, executablePath ?? ''));
}
