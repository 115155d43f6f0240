import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { Relay } from '../daemon/client/relay.js';
import { openAlarms } from '../e2e/alarm-records.js';
import { runArguments, writeConfig } from '../e2e/config-file.js';
import { DaemonProcess } from '../e2e/daemon-process.js';
import { temporaryFolder } from '../e2e/temporary-folder.js';
import { freePort } from '../free-port.js';
import { DroppingSender } from '../torture/dropping-sender.js';
import { until } from '../until.js';
import { AlarmPage } from './alarm-page.js';
import { chromiumPath, launchChromium } from './browser.js';
import { ensureBuilt } from './daemon.js';

/** How long the tab sleeps; 600 for the ten minutes of a real nap. */
const SLEEP_SECONDS = Number(process.env['CHIRPD_TEST_SLEEP_SECONDS'] ?? 12);
const HOUR_MS = 3_600_000;
/** A loaded machine is given time for what has no limit of its own. */
const PATIENCE_MS = 60_000;
/** Whatever the reason: nothing stale looks alive for longer. */
const TOLD_MS = 2000;

const NOT_CONNECTED = '.alarm[data-code="BOARD_NOT_CONNECTED"]';
const ofAlarm = ({ id }: OpenAlarm): string => `.alarm[data-id="${id}"]`;

/** A daemon with a bed that streams, one whose device is missing, and one whose sender comes and goes. */
class Unit {
  readonly port: number;
  readonly sender: DroppingSender;
  readonly #config: string;
  readonly #data: string;
  daemon!: DaemonProcess;

  private constructor(folder: string, port: number, senderPort: number) {
    this.port = port;
    this.sender = new DroppingSender(senderPort);
    this.#data = join(folder, 'data');
    this.#config = writeConfig(folder, 'unit', {
      server: { port },
      beds: [
        { name: 'Live', adapter: { kind: 'synthetic', seed: 1, nChannels: 2, chirps: false }, alarmRules: [] },
        { name: 'Missing', adapter: { kind: 'cyton', port: join(folder, 'no-such-port') } },
        { name: 'Wire', adapter: { kind: 'tcp', port: senderPort }, montage: ['F7-T7'] },
      ],
    });
  }

  static async start(t: Test): Promise<Unit> {
    const unit = new Unit(temporaryFolder(t), await freePort(), await freePort());
    t.teardown(async () => {
      unit.sender.stop();
      await unit.daemon.kill();
    });
    await unit.start();
    return unit;
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  async start(): Promise<void> {
    this.daemon = new DaemonProcess(runArguments(this.#config, this.#data));
    await this.daemon.ready();
  }

  async alarm(bed: string): Promise<OpenAlarm | undefined> {
    return (await openAlarms(this.address)).find((alarm) => alarm.bed === bed);
  }

  async untilOpen(bed: string): Promise<OpenAlarm> {
    let found: OpenAlarm | undefined;
    await until(async () => (found = await this.alarm(bed)) !== undefined, `an alarm of ${bed}`, PATIENCE_MS);
    return found!;
  }

  async untilOver(bed: string): Promise<void> {
    await until(async () => (await this.alarm(bed)) === undefined, `the end of the alarm of ${bed}`, PATIENCE_MS);
  }

  /** The sender breaks off: an alarm, which stays. */
  async drop(): Promise<OpenAlarm> {
    this.sender.drop();
    return this.untilOpen('Wire');
  }

  /** The sender is there, and no alarm tells otherwise. */
  async restore(): Promise<void> {
    await this.sender.connect();
    const streams = async (): Promise<boolean> => {
      const body = (await (await fetch(new URL('/v1/beds', this.address))).json()) as {
        readonly beds: readonly { readonly bed: string; readonly state: string }[];
      };
      return body.beds.some(({ bed, state }) => bed === 'Wire' && state === 'streaming');
    };
    await until(streams, 'its samples', PATIENCE_MS);
    await this.untilOver('Wire');
  }
}

/** Waits until the tile of the bed that streams looks like this. @returns milliseconds */
async function untilTile(page: Page, freshness: 'fresh' | 'stale'): Promise<number> {
  const startMs = performance.now();
  await page.waitForFunction(
    (wanted) =>
      Array.from(document.querySelectorAll<HTMLElement>('.tile')).some(
        (tile) => tile.querySelector('.tile-name')?.textContent === 'Live' && tile.dataset['freshness'] === wanted,
      ),
    freshness,
    { polling: 20, timeout: PATIENCE_MS },
  );
  return performance.now() - startMs;
}

async function untilBack(page: Page): Promise<void> {
  await page.waitForSelector('#connection[data-state="live"]', { timeout: PATIENCE_MS });
  await page.waitForSelector(NOT_CONNECTED, { state: 'detached', timeout: PATIENCE_MS });
  await untilTile(page, 'fresh');
}

async function missed(page: Page): Promise<readonly string[]> {
  return page.locator('#alarm-missed li').allTextContents();
}

async function seen(page: Page): Promise<void> {
  // By key: as the connection comes back the head of the page changes its height, and a pointer may miss what moves.
  await page.locator('#alarm-notice-seen').press('Enter');
  await page.waitForSelector('#alarm-notice', { state: 'hidden' });
}

/** Seconds since midnight, of this place. */
function secondsOfDay(text: string): number {
  const [hours = NaN, minutes = NaN, seconds = NaN] = text.split(':').map(Number);
  return (hours * 60 + minutes) * 60 + seconds;
}

function nowOfDay(ms = Date.now()): number {
  const date = new Date(ms);
  return (date.getHours() * 60 + date.getMinutes()) * 60 + date.getSeconds();
}

function near(a: number, b: number, seconds: number): boolean {
  const apart = Math.abs(a - b);
  return Math.min(apart, 86_400 - apart) <= seconds;
}

/** How to stop all pages of a browser, as a system does that puts them to sleep, and to wake them. */
async function signalPages(browser: Browser): Promise<(name: 'SIGSTOP' | 'SIGCONT') => void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const pids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  return (name) => {
    for (const pid of pids) process.kill(pid, name);
  };
}

async function run(t: Test, browser: Browser): Promise<void> {
  const unit = await Unit.start(t);
  const relay = await Relay.start(unit.port);
  t.teardown(() => relay.stop());
  const { page } = await AlarmPage.open(browser, relay.url);
  await unit.restore();
  const missing = await unit.untilOpen('Missing');
  await page.waitForSelector(ofAlarm(missing));
  await untilTile(page, 'fresh');

  await t.test('a network that passes nothing any more, then breaks, then is whole', async (t) => {
    relay.freeze();
    const toldMs = await untilTile(page, 'stale');
    t.comment(`stale after ${toldMs.toFixed(0)} ms`);
    t.ok(toldMs < TOLD_MS);
    // Comes and goes while nothing gets through.
    const gone = await unit.drop();
    await unit.restore();
    await page.waitForSelector(NOT_CONNECTED);
    t.match(await page.locator(NOT_CONNECTED).textContent(), /does not hear the daemon: what it shows is old/);
    t.match(await page.locator('#alarms-as-of').textContent(), /Alarms of the daemon as of \d\d:\d\d:\d\d/);
    t.equal(await page.locator(`${ofAlarm(missing)} .alarm-button`).isDisabled(), true, 'nobody could be told');
    relay.isUp = false;
    relay.cut();
    await page.waitForSelector('#connection[data-state="lost"]');
    t.match(await page.locator('#connection').textContent(), /^Connection lost/);
    const open = await unit.drop();
    relay.thaw();
    relay.isUp = true;
    const wholeMs = performance.now();
    await untilBack(page);
    t.comment(`back ${(performance.now() - wholeMs).toFixed(0)} ms after the network`);
    await page.waitForSelector(ofAlarm(open));
    await page.waitForSelector('#alarm-notice:visible');
    const texts = await missed(page);
    t.equal(texts.length, 1, 'what came and went is told');
    t.match(texts[0], /Wire has lost its device/);
    t.not(gone.id, open.id);
    await seen(page);
    await unit.restore();
    await page.waitForSelector(ofAlarm(open), { state: 'detached' });
  });

  await t.test('a daemon that is killed and started again: what goes on keeps its answer', async (t) => {
    await page.locator(`${ofAlarm(missing)} .alarm-button`).click();
    await page.locator('#alarm-name').fill('Ada');
    await page.locator('#alarm-submit').click();
    await page.waitForSelector(`${ofAlarm(missing)}[data-calling="false"]`);
    const before = await unit.drop();
    await page.waitForSelector(ofAlarm(before));
    await until(async () => (await openAlarms(unit.address)).every(({ isStored }) => isStored), 'the disk');
    unit.daemon.signal('SIGKILL');
    const toldMs = await untilTile(page, 'stale');
    t.comment(`stale after ${toldMs.toFixed(0)} ms`);
    t.ok(toldMs < TOLD_MS);
    t.match(await page.locator('#connection').textContent(), /^Connection lost/);
    t.equal(await page.locator('#clock').textContent(), '--:--:--', 'a clock that nobody hears does not go on');
    await page.waitForSelector(NOT_CONNECTED);
    t.equal(await page.locator(ofAlarm(before)).count(), 1, 'what was open still stands there');
    await unit.daemon.gone;
    await unit.start();
    const startedMs = performance.now();
    await untilBack(page);
    t.comment(`back ${(performance.now() - startedMs).toFixed(0)} ms after the daemon`);
    t.match(await page.locator(`${ofAlarm(missing)} .alarm-answer`).textContent(), /acknowledged by Ada/);
    t.equal(await page.locator(`${ofAlarm(missing)} .alarm-sign`).textContent(), '◆ Medium, seen');
    // Nobody knows of that sender any more: its bed waits for one.
    await page.waitForSelector(ofAlarm(before), { state: 'detached' });
    t.same(await missed(page), [], 'nothing was missed');
    await unit.restore();
    const after = await unit.drop();
    await page.waitForSelector(ofAlarm(after));
    await unit.restore();
    await page.waitForSelector(ofAlarm(after), { state: 'detached' });
  });

  await t.test('a daemon that is frozen, and goes on', async (t) => {
    unit.daemon.signal('SIGSTOP');
    const toldMs = await untilTile(page, 'stale');
    t.comment(`stale after ${toldMs.toFixed(0)} ms`);
    t.ok(toldMs < TOLD_MS);
    await page.waitForSelector(NOT_CONNECTED);
    unit.sender.drop();
    await sleep(3000);
    unit.daemon.signal('SIGCONT');
    const wentOnMs = performance.now();
    await untilBack(page);
    t.comment(`back ${(performance.now() - wentOnMs).toFixed(0)} ms after it went on`);
    const open = await unit.untilOpen('Wire');
    await page.waitForSelector(ofAlarm(open));
    const raised = (await openAlarms(unit.address)).map(({ bed, code }) => `${bed} ${code}`).sort();
    t.strictSame(raised, ['Missing BED_DEVICE_LOST', 'Wire BED_DEVICE_LOST'], 'no false alarm');
    await unit.restore();
    await page.waitForSelector(ofAlarm(open), { state: 'detached' });
  });

  await t.test('a computer whose clock is an hour off shows the times of the daemon', async (t) => {
    const timesOf = async (page: Page): Promise<readonly [string, string, string]> => {
      const text = async (selector: string): Promise<string> => (await page.locator(selector).textContent()) ?? '';
      const since = /since (\S+),/.exec(await text(`${ofAlarm(missing)} .alarm-since`))?.[1] ?? '';
      const answered = /at (\d\d:\d\d:\d\d)/.exec(await text(`${ofAlarm(missing)} .alarm-answer`))?.[1] ?? '';
      return [since, answered, (await text('#clock')).slice(-8)];
    };
    const [since, answered] = await timesOf(page);
    t.ok(near(secondsOfDay(since), nowOfDay(missing.raisedTimeMicros / 1000), 1), since);
    for (const errorMs of [HOUR_MS, -HOUR_MS]) {
      const context = await browser.newContext({ reducedMotion: 'reduce' });
      await context.addInitScript((ms) => {
        const { now } = Date;
        Date.now = () => now() + ms;
      }, errorMs);
      const wrong = await context.newPage();
      await wrong.goto(relay.url);
      await wrong.waitForSelector(ofAlarm(missing), { timeout: PATIENCE_MS });
      await untilTile(wrong, 'fresh');
      const times = await timesOf(wrong);
      t.same(times.slice(0, 2), [since, answered], 'since when, and when somebody answered');
      t.ok(near(secondsOfDay(times[2]), nowOfDay(), 5), `its clock: ${times[2]}`);
      t.equal(await wrong.locator('#alarm-notice').isVisible(), false, 'and it has not slept');
      relay.freeze();
      await wrong.waitForSelector(NOT_CONNECTED, { timeout: PATIENCE_MS });
      const asOf = /(\d\d:\d\d:\d\d)/.exec((await wrong.locator('#alarms-as-of').textContent()) ?? '')?.[1] ?? '';
      t.ok(near(secondsOfDay(asOf), nowOfDay(), 30), `as of ${asOf}`);
      relay.thaw();
      await untilBack(wrong);
      await context.close();
    }
    await untilBack(page);
    if (await page.locator('#alarm-notice').isVisible()) await seen(page);
  });

  await t.test(`a tab that sleeps for ${SLEEP_SECONDS} s says what it did not know`, async (t) => {
    const signal = await signalPages(browser);
    const fromMs = Date.now();
    signal('SIGSTOP');
    const gone = await unit.drop();
    await unit.restore();
    const open = await unit.drop();
    await sleep(Math.max(0, fromMs + SLEEP_SECONDS * 1000 - Date.now()));
    const toMs = Date.now();
    signal('SIGCONT');
    await page.waitForSelector('#alarm-notice:visible', { timeout: PATIENCE_MS });
    t.comment(`told ${Date.now() - toMs} ms after it woke`);
    t.ok(Date.now() - toMs < TOLD_MS);
    const text = (await page.locator('#alarm-notice-text').textContent()) ?? '';
    const [, from = '', to = ''] = /from (\S+) to (\S+) \(/.exec(text) ?? [];
    t.ok(near(secondsOfDay(from), nowOfDay(fromMs), 3) && near(secondsOfDay(to), nowOfDay(toMs), 3), text);
    await untilBack(page);
    await page.waitForSelector(ofAlarm(open));
    await until(async () => (await missed(page)).length > 0, 'what was missed', PATIENCE_MS);
    t.match(await missed(page), [/Wire has lost its device/]);
    t.not(gone.id, open.id);
    t.match(await page.locator('#alarm-notice-text').textContent(), /was asleep.*Alarms that came and went/);
    await seen(page);
    await unit.restore();
    await page.waitForSelector(ofAlarm(open), { state: 'detached' });
  });
}

const executablePath = chromiumPath();
if (executablePath === undefined && process.env['CI'] === 'true') {
  t.fail('chromium is missing, and CI must have it');
} else {
  const skip = executablePath === undefined && 'no chromium here (apt-get install chromium)';
  void t.test('outages, as a board tells of them', { skip, timeout: 400_000 + SLEEP_SECONDS * 1000 }, async (t) => {
    ensureBuilt();
    const browser = await launchChromium(executablePath ?? '');
    t.teardown(() => browser.close());
    await run(t, browser);
  });
}
