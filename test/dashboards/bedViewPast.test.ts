import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { decodeWaveformHistory, microvoltsOf } from '../../daemon/protocol/codec.js';
import type { BedInfo, BedMontages, EventMessage } from '../../daemon/protocol/messages.js';
import { RECORDINGS } from '../e2e/recording-piece.js';
import { startBoard } from './board-rig.js';
import { chromiumPath } from './browser.js';
import { PushedEeg, readEdf } from './pushed-eeg.js';

const BED = 'Bed 7 / ICU';
const VIEW = '.bed-view-inside';
const NOTICE = '.bed-view-past-notice:not([hidden])';
/** Of the recording's 50 s, pushed round and round: its chirp begins at 20 s. */
const PAST_SECONDS = 110;
const GAP = { fromSeconds: 60, toSeconds: 63 };
const PAGE_SECONDS = 10;
const WAIT = { timeout: 60_000 };

const isoOf = (micros: number): string => new Date(micros / 1000).toISOString();

async function untilPast(page: Page): Promise<void> {
  await page.waitForSelector(`${VIEW}[data-past="true"]`, WAIT);
  await page.waitForFunction(
    () => document.querySelector('.bed-view-past-notice')?.hasAttribute('hidden') === true,
    undefined,
    WAIT,
  );
}

/** Where the page begins that the address names, Unix microseconds. */
function atMicros(page: Page): number {
  return Date.parse(new URL(page.url()).hash.split('&at=')[1] ?? '') * 1000;
}

/** Pixels of the page that are of this colour. */
async function count(page: Page, colour: readonly [number, number, number]): Promise<number> {
  return page.locator('.bed-view-paper canvas').evaluateAll((slices, wanted) => {
    let n = 0;
    for (const canvas of slices as HTMLCanvasElement[]) {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      for (let i = 0; i < data.length; i += 4) if (wanted.every((value, k) => data[i + k] === value)) n++;
    }
    return n;
  }, colour);
}

async function choose(page: Page, setting: string, value: string): Promise<void> {
  await page.locator(`select[data-setting="${setting}"]`).selectOption(value);
}

/** What stands under the mouse: the clock's seconds of the minute, the derivation, and its microvolts. */
async function readAt(page: Page, x: number, y: number): Promise<{ seconds: number; name: string; value: number }> {
  await page.hover('.bed-view-paper', { position: { x, y } });
  const readout = page.locator('.bed-view-eeg .bed-view-readout');
  for (let before = ''; ;) {
    await page.waitForTimeout(200);
    const text = (await readout.textContent()) ?? '';
    const found = /:(\d\d\.\d{3}) {2}(\S+) {2}(−?[\d.]+) µV$/.exec(text);
    if (text === before && found !== null) {
      return { seconds: Number(found[1]), name: found[2]!, value: Number(found[3]!.replace('−', '-')) };
    }
    before = text;
  }
}

async function run(t: Test, executablePath: string): Promise<void> {
  const beds = [{ name: BED, adapter: { kind: 'push' } }];
  const { daemon, browser } = await startBoard(t, executablePath, () => ({ beds }));
  const eeg = readEdf(RECORDINGS.icu);
  const pushed = await PushedEeg.start({ url: daemon.url, bed: BED, eeg, pastSeconds: PAST_SECONDS, gap: GAP });
  const { startTimeMicros } = pushed;
  t.teardown(() => {
    pushed.stop();
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const errors: string[] = [];
  page.on('console', (message) => {
    // What a test breaks on purpose is no error of the page.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/waveform?')) asked.push(request.url());
  });
  const addressOf = (micros: number): string => `${daemon.url}#bed=${encodeURIComponent(BED)}&at=${isoOf(micros)}`;
  const events = async (): Promise<readonly EventMessage[]> => {
    const query = new URLSearchParams({ bed: BED, kind: 'event', from: '0', to: '9000000000000000', limit: '1000' });
    const response = await fetch(new URL(`/v1/events?${query.toString()}`, daemon.url));
    return ((await response.json()) as { records: EventMessage[] }).records;
  };
  const channelsAt = async (micros: number): Promise<ReadonlyMap<string, number>> => {
    const query = new URLSearchParams({ from: String(micros), seconds: '0.1', montage: 'recorded' });
    const path = `/v1/beds/${encodeURIComponent(BED)}/waveform?${query.toString()}`;
    const response = await fetch(new URL(path, daemon.url));
    const { derivations, pieces } = decodeWaveformHistory(new Uint8Array(await response.arrayBuffer()));
    const { nSamples = 0, microvolts = new Uint8Array() } = pieces[0] ?? {};
    const values = microvoltsOf(microvolts);
    return new Map(derivations.map((label, i) => [label, values[i * nSamples]!]));
  };

  await t.test('one click on an event of the board leads to the EEG around its onset', async (t) => {
    await page.goto(daemon.url);
    await page.locator('.event-button').first().waitFor({ timeout: 120_000 });
    // One whose end has come: it does not move any more.
    const row = page.locator('.event[data-state="ended"]').last();
    await row.waitFor({ timeout: 120_000 });
    const id = await row.getAttribute('data-id');
    await row.locator('.event-button').focus();
    await page.keyboard.press('Enter');
    await untilPast(page);
    const told = (await events()).filter((event) => event.id === id).sort((a, b) => a.revision - b.revision);
    const onsets = told.map(({ onsetTimeMicros }) => onsetTimeMicros);
    const begin = atMicros(page);
    t.ok(
      onsets.some((onset) => Math.abs(onset - begin - 1.5e6) < 2000),
      `begins 1.5 s before the onset: ${onsets.map((onset) => (onset - begin) / 1e6).join()}`,
    );
    t.match(
      await page.locator('.bed-view-past').innerText(),
      /^Past, not live\s+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d – \d\d:\d\d:\d\d\s+[\w .]+ ago\s+\d chirps? on this page/,
    );
    t.equal(await page.locator('.bed-view-events .event-button[aria-pressed="true"]').count(), 1);
    const involved = await page.locator('.bed-view-labels li[data-involved="true"]').allTextContents();
    t.same(
      [...involved].sort(),
      told
        .at(-1)
        ?.derivations.map(({ label }) => label)
        .sort(),
      'its derivations',
    );
    t.ok((await count(page, [0xb8, 0x3b, 0x0a])) > 500, 'its time is marked');
    await page.keyboard.press('c');
    await page.waitForTimeout(500);
    t.equal(await count(page, [0xb8, 0x3b, 0x0a]), 0, 'unless chirps are hidden');
    await page.keyboard.press('c');
    await page.goBack();
    await page.locator('.tile').first().waitFor();
    t.equal(new URL(page.url()).hash, '', 'Back leads to the board');
  });

  await t.test('pages turn at once, forth and back, and V leads to the present', async (t) => {
    const begin = startTimeMicros + 30e6;
    await page.goto(addressOf(begin));
    await untilPast(page);
    for (const [key, seconds] of [
      ['PageDown', PAGE_SECONDS],
      ['PageUp', 0],
      ['PageUp', -PAGE_SECONDS],
      ['Shift+PageDown', 1 - PAGE_SECONDS],
    ] as const) {
      // Those beside the page are fetched ahead, without a key.
      const from = `from=${Math.floor(begin + (seconds - 8) * 1e6)}&`;
      const isAsked = (): boolean => asked.some((url) => url.includes(from));
      const isTurned = !key.startsWith('Shift');
      for (let i = 0; i < 300 && isTurned && !isAsked(); i++) await page.waitForTimeout(100);
      if (isTurned) t.ok(isAsked(), `${key}: asked for already`);
      await page.keyboard.press(key);
      t.ok(Math.abs(atMicros(page) - begin - seconds * 1e6) < 1000, `${key}: ${(atMicros(page) - begin) / 1e6} s`);
      await untilPast(page);
      await page.waitForTimeout(300);
    }
    await page.reload();
    await untilPast(page);
    t.ok(Math.abs(atMicros(page) - begin - (1 - PAGE_SECONDS) * 1e6) < 1000, 'a reload stays');
    await page.keyboard.press('v');
    await page.waitForSelector(`${VIEW}[data-past="false"][data-freshness="fresh"]`, WAIT);
    t.equal(new URL(page.url()).hash, '#bed=Bed%207%20%2F%20ICU');
    await page.waitForSelector('.bed-view-past', { state: 'hidden', ...WAIT });
    await page.waitForTimeout(1500);
    await page.keyboard.press('PageUp');
    await untilPast(page);
    // By the bed's clock: on a busy machine what was pushed at once is still being looked at.
    const { beds: known } = (await (await fetch(new URL('/v1/beds', daemon.url))).json()) as { beds: BedInfo[] };
    const agoSeconds = ((known[0]?.newestTimeMicros ?? 0) - atMicros(page)) / 1e6;
    t.ok(agoSeconds > 8 && agoSeconds < 35, `from the present to the page before it: ${agoSeconds.toFixed(1)} s ago`);
    await page.goBack();
    await page.waitForSelector(`${VIEW}[data-past="false"]`, WAIT);
  });

  await t.test('each montage shows the microvolts that its channels had', async (t) => {
    // 25 s into the recording, in the chirp.
    await page.goto(addressOf(startTimeMicros + 25e6));
    await untilPast(page);
    const response = await fetch(new URL(`/v1/beds/${encodeURIComponent(BED)}/montages`, daemon.url));
    const { montages, channels, averaged } = (await response.json()) as BedMontages;
    t.same(
      await page.locator('select[data-setting="montage"] option').allTextContents(),
      ['as configured', 'longitudinal bipolar', 'transverse bipolar', 'as recorded'],
      'those that there are electrodes for; the average is what is configured',
    );
    for (const setting of ['highpass', 'lowpass', 'notch']) await choose(page, setting, '0');
    for (const { name, derivations } of montages) {
      await choose(page, 'montage', name);
      const labels = derivations.map(({ label }) => label);
      await page.waitForFunction(
        (text) =>
          Array.from(document.querySelectorAll('.bed-view-label-name'), (one) => one.textContent).join() === text,
        labels.join(),
        WAIT,
      );
      const { seconds, name: label, value } = await readAt(page, 437, 111);
      const minute = Math.floor((startTimeMicros + 25e6) / 60e6) * 60e6;
      const micros = minute + seconds * 1e6 + (seconds * 1e6 + minute < startTimeMicros ? 60e6 : 0);
      const at = await channelsAt(Math.round(micros - 0.5e6 / eeg.sampleRate));
      const next = await channelsAt(Math.round(micros + 0.5e6 / eeg.sampleRate));
      const expected = [at, next].map((values) => {
        const { plus, minus, sign } = derivations.find((one) => one.label === label)!;
        const of = (channel: number): number => values.get(channels[channel]!)!;
        const mean = averaged.reduce((sum, channel) => sum + of(channel), 0) / averaged.length;
        return sign * (of(plus) - (minus === null ? 0 : minus === 'average' ? mean : of(minus)));
      });
      // The column under the mouse is one of the two samples beside it.
      const off = Math.min(...expected.map((one) => Math.abs(one - value)));
      t.ok(off < 0.2, `${name}: ${label} ${value}, expected ${expected.map((one) => one.toFixed(1)).join(' or ')}`);
    }
    await choose(page, 'montage', 'configured');
    await choose(page, 'highpass', '0.5');
    await choose(page, 'lowpass', '70');
  });

  await t.test('gaps are hatched, and what is not kept is said', async (t) => {
    await page.goto(addressOf(startTimeMicros + 58e6));
    await untilPast(page);
    await page.waitForTimeout(500);
    t.ok((await count(page, [0x2c, 0x33, 0x3b])) > 20_000, 'a gap of 3 s');
    await page.goto(addressOf(startTimeMicros - 60e6));
    await page.waitForSelector(NOTICE, WAIT);
    await page.waitForSelector(`${NOTICE}:has-text("Nothing is kept of this time")`, WAIT);
    await page.goto(addressOf(Date.now() * 1000 + 3600e6));
    await page.waitForSelector(`${NOTICE}:has-text("This time has not come yet")`, WAIT);
    await page.goto(`${daemon.url}#bed=${encodeURIComponent(BED)}&at=yesterday`);
    await page.getByRole('alert').filter({ hasText: 'The time in the address cannot be read' }).waitFor(WAIT);
    t.equal(await page.locator(VIEW).getAttribute('data-past'), 'false');
  });

  await t.test('a load that fails says why, and Retry loads it', async (t) => {
    await page.route('**/waveform?**', (route) => route.abort());
    await page.goto(addressOf(startTimeMicros + 10e6));
    await page.waitForSelector(`${NOTICE}:has-text("cannot be loaded: the daemon does not answer")`, WAIT);
    await page.unroute('**/waveform?**');
    await page.route('**/waveform?**', (route) =>
      route.fulfill({ status: 500, json: { error: { code: 'X', message: 'the disk is tired' } } }),
    );
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.waitForSelector(`${NOTICE}:has-text("the disk is tired")`, WAIT);
    await page.unroute('**/waveform?**');
    await page.getByRole('button', { name: 'Retry' }).click();
    await untilPast(page);
    t.match(await page.locator('.bed-view-past-chirps').textContent(), /chirp/);
  });

  await t.test('a click on a chirp of the spectrogram leads to its EEG', async (t) => {
    await page.keyboard.press('v');
    await page.waitForSelector(`${VIEW}[data-past="false"]`, WAIT);
    const plot = page.locator('.bed-view-plot');
    const box = (await plot.boundingBox())!;
    // The picture scrolls on between the look and the click: where that took long, another place is found.
    const isPast = page.locator(`${VIEW}[data-past="true"]`);
    let nClicks = 0;
    for (let x = box.width - 20; x > 60 && (await isPast.count()) === 0; x -= 6) {
      for (let y = 10; y < box.height - 30; y += 8) {
        await page.mouse.move(box.x + x, box.y + y);
        if ((await page.locator('.bed-view-on-chirp').count()) === 0) continue;
        await page.mouse.click(box.x + x, box.y + y);
        nClicks++;
        break;
      }
    }
    t.ok(nClicks > 0, 'there is one');
    t.comment(`after ${String(nClicks)} clicks`);
    await untilPast(page);
    const onsets = (await events()).map(({ onsetTimeMicros }) => onsetTimeMicros);
    const begin = atMicros(page);
    t.ok(
      onsets.some((onset) => Math.abs(onset - begin - 1.5e6) < 2000),
      'the page of an onset',
    );
    t.match(await page.locator('.bed-view-past-note').textContent(), /marked/);
  });

  await t.test('in German', async (t) => {
    await page.evaluate(() => {
      localStorage.setItem('chirpd.language', 'de');
    });
    await page.goto(addressOf(startTimeMicros + 20e6));
    await page.reload();
    await untilPast(page);
    t.match(await page.locator('.bed-view-past').innerText(), /^Vergangenes, nicht live[\s\S]*\svor \d/);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Tasten der Bettansicht' }).waitFor();
    await page.keyboard.press('Escape');
  });

  t.same(errors, []);
}

const executablePath = chromiumPath();
if (executablePath === undefined && process.env['CI'] === 'true') {
  t.fail('chromium is missing, and CI must have it');
} else {
  const missing = executablePath === undefined ? 'chromium (apt-get install chromium)' : RECORDINGS.icu;
  const skip = (executablePath === undefined || !existsSync(RECORDINGS.icu)) && `no ${missing} here`;
  void t.test('the past in the bed view', { skip, timeout: 600_000 }, (t) => run(t, executablePath ?? ''));
}
