import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { ALARM_PRIORITIES, PATIENT_ALARM_CODES } from '../../daemon/alarms/alarm-codes.js';
import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { until } from '../until.js';
import { startBoard } from './board-rig.js';
import { chromiumPath } from './browser.js';
import { ensureBuilt } from './daemon.js';
import { feedAlarms } from './fed-alarms.js';
import { heardPulses, listen, pageMs } from './heard-pulses.js';
import { ADA, openAlarm } from './open-alarm.js';
import { PushedEeg, type RecordedEeg } from './pushed-eeg.js';
import { englishOnly, wordsOf } from './words.js';

/** Names without a word of either language. Bed 2's device is missing. */
function settings(directory: string): object {
  const beds = [
    { name: 'Bett 1', adapter: { kind: 'synthetic', seed: 1 } },
    { name: 'Bett 2', adapter: { kind: 'cyton', port: join(directory, 'tty-0') } },
    { name: 'Bett 3', adapter: { kind: 'push' } },
  ];
  return { beds };
}

/** One alarm of every code, some of them acknowledged or ended; `CHIRP` is over, and waits for somebody. */
const EVERY_ALARM: readonly OpenAlarm[] = [
  ...Object.entries(ALARM_PRIORITIES),
  ...PATIENT_ALARM_CODES.map((code) => [code, 'medium'] as const),
].map(([code, priority], i) =>
  openAlarm({
    ...{ id: String(i), code, priority, bed: 'Bett 1', text: 'Bett 1: whatever it is: the disk is full [SINK_FULL]' },
    kind: code.startsWith('CHIRP') ? 'physiological' : 'technical',
    ...(i % 3 === 1 && code !== 'CHIRP' && { acknowledged: ADA }),
    ...((i % 5 === 4 || code === 'CHIRP') && { endedTimeMicros: 1e15 + 65e6 }),
  }),
);

/** Of the daemon's, or of whoever wrote it. */
const FOREIGN = ['.tile-source', 'body [lang="en"]', 'script', 'style', '.brand', '.alarm-bed'];

/** Every text on the page that a person can see or hear of. */
async function shownTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate((notThese) => {
    const texts: string[] = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const owner = node.parentElement;
      if (owner === null || owner.closest(notThese) !== null || !owner.checkVisibility()) continue;
      texts.push(node.textContent ?? '');
    }
    for (const owner of document.querySelectorAll('[title], [aria-label], [placeholder]')) {
      if (owner.closest(notThese) !== null) continue;
      for (const name of ['title', 'aria-label', 'placeholder']) texts.push(owner.getAttribute(name) ?? '');
    }
    return texts.filter((text) => text.trim() !== '');
  }, FOREIGN.join());
}

/** Keeps the words that canvases show, so that `drawnTexts` gives them. Call it before the page is opened. */
async function watchCanvases(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const drawn: string[] = [];
    const context = CanvasRenderingContext2D.prototype;
    const fill = Object.getOwnPropertyDescriptor(context, 'fillText')?.value as (...values: unknown[]) => void;
    Object.assign(context, {
      fillText(this: CanvasRenderingContext2D, ...values: unknown[]) {
        drawn.push(String(values[0]));
        fill.apply(this, values);
      },
    });
    Object.assign(window, { drawn });
  });
}

/** The words that were drawn since this was asked last. */
async function drawnTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => (window as unknown as { drawn: string[] }).drawn.splice(0));
}

/** Some made-up EEG of a minute and more. */
function noise(nSeconds: number): RecordedEeg {
  const samples = ['F3', 'C3'].map(() =>
    Float32Array.from({ length: 256 * nSeconds }, () => 40 * (Math.random() - 0.5)),
  );
  return { labels: ['F3', 'C3'], sampleRate: 256, samples };
}

const errors: string[] = [];

async function openBoard(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  fed: () => readonly OpenAlarm[] = () => [],
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, ...options });
  page.on('pageerror', (error) => errors.push(error.message));
  await listen(page);
  await watchCanvases(page);
  await feedAlarms(page, fed);
  await page.goto(url);
  await page.waitForSelector('#connection[data-state="live"]');
  return page;
}

async function run(t: Test, executablePath: string): Promise<void> {
  ensureBuilt();
  const english = await englishOnly();
  const { daemon, browser } = await startBoard(t, executablePath, settings);
  const leftIn = async (page: Page): Promise<readonly string[]> =>
    (await shownTexts(page)).filter((text) => wordsOf(text).some((word) => english.has(word)));

  await t.test('the first language is the browser’s, and what was chosen is remembered', async (t) => {
    for (const [locale, language] of [
      ['de-AT', 'de'],
      ['en-GB', 'en'],
      ['fr-FR', 'en'],
    ] as const) {
      const context = await browser.newContext({ locale });
      const page = await context.newPage();
      await page.goto(daemon.url);
      await page.waitForSelector('#connection[data-state="live"]');
      t.equal(await page.locator('html').getAttribute('lang'), language);
      t.equal(await page.locator(`#language-${language}`).getAttribute('aria-pressed'), 'true');
      t.equal(await page.locator('#connection').textContent(), language === 'de' ? 'Verbunden' : 'Connected');
      if (locale === 'de-AT') {
        await page.locator('#language-en').click();
        await page.reload();
        await page.waitForSelector('#connection[data-state="live"]');
        t.equal(await page.locator('html').getAttribute('lang'), 'en');
      }
      await context.close();
    }
  });

  await t.test('every text follows at once; the page, its alarms, its sound and an open dialog stay', async (t) => {
    const page = await openBoard(browser, daemon.url, {}, () => EVERY_ALARM);
    await page.waitForFunction((n) => document.querySelectorAll('.alarm').length >= n, EVERY_ALARM.length);
    await page.waitForSelector('.alarm[data-code="BED_DEVICE_LOST"]');
    await page.locator('#sound-off').click();
    await until(async () => (await heardPulses(page)).length > 0, 'the sound is on', 10_000);
    const nEnglish = (await leftIn(page)).length;
    t.ok(nEnglish > 10, `English is found where it is: ${String(nEnglish)} texts`);
    await page.locator('.alarm[data-code="CHIRP"] button').first().click();
    await page.locator('#alarm-name').fill('Ada');
    await page.locator('#alarm-note').fill('Ich komme');
    const left = await page.evaluate(() => {
      Object.assign(window, { isSamePage: true });
      document.querySelector<HTMLElement>('#language-de')?.click();
      // At once: no timer has run since.
      return [...document.querySelectorAll('#connection, .alarm-sign, .alarm-since, #sound-pause, h2')].map(
        ({ textContent }) => textContent,
      );
    });
    t.same(
      left.filter((text) => wordsOf(text).some((word) => english.has(word))),
      [],
    );
    t.same(await leftIn(page), [], 'no English word is left');
    t.equal(await page.locator('html').getAttribute('lang'), 'de');
    t.match(await page.title(), /^▲ Hoch \(\+\d+\): .* - chirpd-Board$/);
    t.equal(await page.evaluate(() => 'isSamePage' in window), true);
    t.equal(await page.locator('#alarm-dialog').isVisible(), true);
    t.same(
      [await page.locator('#alarm-name').inputValue(), await page.locator('#alarm-note').inputValue()],
      ['Ada', 'Ich komme'],
    );
    t.match(await page.locator('#alarm-dialog-what').textContent(), /^◆ Mittel, vorbei: Bett 1: Chirp$/);
    t.equal((await page.locator('.alarm').count()) >= EVERY_ALARM.length, true);
    t.equal(await page.locator('#sound-off').isVisible(), false);
    const sinceMs = await pageMs(page);
    await until(async () => (await heardPulses(page, sinceMs)).length > 0, 'the sound goes on', 20_000);
    const failed = page.locator('.alarm[data-code="BED_FAILED"] .alarm-text');
    t.equal(
      await failed.textContent(),
      'Bett 1: Signalquelle ausgefallen, kommt nicht von selbst wieder – whatever it is: the disk is full',
    );
    t.equal(await failed.locator('[lang="en"]').textContent(), 'whatever it is: the disk is full');
    await page.close();
  });

  await t.test('a bed’s view and the rows of its events, and what is drawn', async (t) => {
    const gap = { fromSeconds: 60, toSeconds: 68 };
    const eeg = { url: daemon.url, bed: 'Bett 3', eeg: noise(90), pastSeconds: 90, gap };
    const pushed = await PushedEeg.start(eeg);
    t.teardown(() => {
      pushed.stop();
    });
    const page = await openBoard(browser, daemon.url);
    await page.waitForSelector('.event[data-state="ended"]', { timeout: 120_000 });
    const inGerman = async (place: string, wanted: RegExp): Promise<void> => {
      // Past a dialog, which lets nobody click there.
      await page.evaluate(() => document.querySelector<HTMLElement>('#language-en')?.click());
      t.ok((await leftIn(page)).length > 10, `${place}: English is found where it is`);
      await page.waitForTimeout(300);
      await drawnTexts(page);
      const texts = await page.evaluate(() => {
        document.querySelector<HTMLElement>('#language-de')?.click();
        (window as unknown as { drawn: string[] }).drawn.length = 0;
        const all =
          '.event span, .event button, .event-count, .bed-view h3, .bed-view p, .bed-view span, .bed-view button';
        return [...document.querySelectorAll<HTMLElement>(all)]
          .filter((one) => one.checkVisibility() && !one.classList.contains('tile-source') && one.lang !== 'en')
          .map(({ textContent }) => textContent);
      });
      t.same(
        texts.filter((text) => wordsOf(text).some((word) => english.has(word))),
        [],
        `${place}: at once`,
      );
      t.same(await leftIn(page), [], `${place}: no English word is left`);
      const drawn: string[] = [];
      await until(
        async () => {
          drawn.push(...(await drawnTexts(page)));
          return drawn.some((text) => wanted.test(text));
        },
        `${place}: ${String(wanted)} is drawn`,
        30_000,
      );
      const isEnglish = (text: string): boolean =>
        / der\.$/.test(text) || wordsOf(text).some((word) => english.has(word));
      t.same(drawn.filter(isEnglish), [], `${place}: nothing in English is drawn`);
    };
    await inGerman('all beds', / · \d+ Abl\.$/);
    await page.evaluate(() => {
      location.hash = '#bed=Bett%201';
    });
    await page.waitForSelector('.bed-view-inside .event');
    await inGerman('a bed', /^Künstlich|Alarme$/);
    await page.locator('.bed-view .event-label-button:visible').last().click();
    await inGerman('a label', / · \d+ Abl\.$/);
    await page.keyboard.press('Escape');
    await page.locator('.bed-view-paper').focus();
    await page.keyboard.press('?');
    await page.waitForSelector('.bed-view-help[open]');
    await inGerman('the keys', /Alarme$/);
    await page.keyboard.press('Escape');
    await page.locator('.rules-button').click();
    await page.waitForSelector('#alarm-rules:visible');
    await inGerman('alarm rules', /./);
    await page.keyboard.press('Escape');
    const at = new Date(pushed.startTimeMicros / 1000 + 59_000).toISOString();
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#bed=Bett%203&at=${at}`);
    await page.waitForSelector('.bed-view-inside[data-past="true"]');
    await page.waitForSelector('.bed-view-past-notice', { state: 'hidden', timeout: 60_000 });
    await inGerman('a page of the past', /^Lücke$/);
    await page.close();
  });

  await t.test('the connection is lost: in German, too', async (t) => {
    const page = await openBoard(browser, daemon.url, { locale: 'de-DE' });
    daemon.signal('SIGSTOP');
    await page.waitForSelector('.alarm[data-code="BOARD_NOT_CONNECTED"]', { timeout: 20_000 });
    t.match(await page.locator('#connection').textContent(), /^Nicht live seit \d\d:\d\d:\d\d – der Daemon schweigt$/);
    t.match(
      await page.locator('.tile-notice').first().textContent(),
      /^Nicht live: keine Verbindung seit \d\d:\d\d:\d\d$/,
    );
    t.same(await leftIn(page), []);
    daemon.signal('SIGCONT');
    await page.waitForSelector('#connection[data-state="live"]', { timeout: 20_000 });
    await page.close();
  });

  await t.test('nothing is cut off on a phone', async (t) => {
    const page = await openBoard(
      browser,
      daemon.url,
      { locale: 'de-DE', viewport: { width: 390, height: 844 } },
      () => EVERY_ALARM,
    );
    await page.waitForFunction((n) => document.querySelectorAll('.alarm').length >= n, EVERY_ALARM.length);
    const cut = await page.evaluate((mayBeShort) => {
      const texts: string[] = [];
      for (const owner of document.querySelectorAll<HTMLElement>('body *')) {
        if (!owner.checkVisibility() || owner.closest(mayBeShort) !== null || owner.children.length > 0) continue;
        const { left, right } = owner.getBoundingClientRect();
        const isClipped = getComputedStyle(owner).overflowX !== 'visible' && owner.scrollWidth > owner.clientWidth + 1;
        const frame = owner.closest('.tile')?.getBoundingClientRect() ?? { left: 0, right: innerWidth };
        if (isClipped || left < frame.left || right > frame.right + 1)
          texts.push(`${owner.className}: ${owner.textContent}`);
      }
      return texts;
    }, '.skip, .tile-source, select, canvas');
    t.same(cut, []);
    t.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    await page.close();
  });

  await t.test('the head is one row on a desk', async (t) => {
    const page = await openBoard(browser, daemon.url, { locale: 'de-DE' });
    for (const width of [1366, 1440, 1920, 2560]) {
      await page.setViewportSize({ width, height: 900 });
      const { bar, clock } = await page.evaluate(() => {
        const heightOf = (selector: string): number =>
          document.querySelector(selector)?.getBoundingClientRect().height ?? 0;
        return { bar: heightOf('.bar'), clock: heightOf('.clock') };
      });
      t.ok(clock > 0 && bar < 2.5 * clock, `${width} px wide: ${bar} px high`);
    }
    await page.close();
  });

  t.same(errors, []);
}

const executablePath = chromiumPath();
if (executablePath === undefined && process.env['CI'] === 'true') {
  t.fail('chromium is missing, and CI must have it');
} else {
  const skip = executablePath === undefined && 'no chromium here (apt-get install chromium)';
  void t.test('languages in a browser', { skip, timeout: 280_000 }, (t) => run(t, executablePath ?? ''));
}
