import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { startBoard } from './board-rig.js';
import { chromiumPath } from './browser.js';
import { type RunningDaemon } from './daemon.js';
import { feedAlarms } from './fed-alarms.js';
import { ADA, openAlarm } from './open-alarm.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** As high as its trace; a list beside it, and keys, do the same, which the rule allows. */
const SMALL = '.bed-view-label';
const RULES: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  resultTypes: ['violations'],
};

interface Look {
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
  readonly language: 'en' | 'de';
}

const SIZES = [
  [390, 844],
  [1440, 900],
  [3840, 2160],
] as const;
const LOOKS: readonly Look[] = [
  ...SIZES.flatMap(([width, height]) =>
    (['light', 'dark'] as const).map((scheme) => ({ width, height, scheme, language: 'en' as const })),
  ),
  { width: 390, height: 844, scheme: 'light', language: 'de' },
  { width: 1440, height: 900, scheme: 'dark', language: 'de' },
];

/** Of each priority one that calls, one that somebody has acknowledged, and one that is over. */
const ALARMS: readonly OpenAlarm[] = (['high', 'medium', 'low'] as const).flatMap((priority) => [
  openAlarm({
    id: `${priority}1`,
    priority,
    bed: 'Bed 1',
    kind: 'technical',
    code: 'MODEL_NOT_RUNNING',
    text: 'why: so',
  }),
  openAlarm({ id: `${priority}2`, priority, acknowledged: ADA }),
  openAlarm({ id: `${priority}3`, priority, endedTimeMicros: 1e15 + 5e6 }),
]);

/** Every state of the page, each from the one before it. */
const STATES: readonly {
  readonly name: string;
  readonly enter: (page: Page, daemon: RunningDaemon) => Promise<void>;
}[] = [
  {
    name: 'all beds, with alarms and events',
    enter: async (page) => {
      await page.waitForSelector('.alarm[data-id="low3"]');
      await page.locator('.tile .tile-button').first().click();
    },
  },
  {
    name: 'the last hours of all beds',
    enter: async (page) => {
      await page.locator('#tiles-show').selectOption('6');
    },
  },
  {
    name: 'acknowledging',
    enter: async (page) => {
      await page.locator('.alarm[data-id="high1"] button').click();
    },
  },
  {
    name: 'one bed',
    enter: async (page) => {
      await page.locator('#alarm-cancel').click();
      await page.locator('#tiles-show').selectOption('0');
      await page.locator('.tile-open').first().click();
      await page.waitForSelector('.bed-view-inside');
    },
  },
  {
    name: 'the keys of the bed view',
    enter: async (page) => {
      await page.keyboard.press('?');
      await page.waitForSelector('dialog[open]');
    },
  },
  {
    name: 'marking something in it',
    enter: async (page) => {
      await page.keyboard.press('Escape');
      await page.keyboard.press('a');
      await page.waitForSelector('.label-dialog[open]');
    },
  },
  {
    name: 'its alarm rules',
    enter: async (page) => {
      await page.keyboard.press('Escape');
      await page.locator('.bed-view-paper').focus();
      await page.keyboard.press('r');
      await page.waitForSelector('#alarm-rules:visible');
    },
  },
  {
    name: 'one bed, paused',
    enter: async (page) => {
      await page.keyboard.press('Escape');
      await page.waitForSelector('.bed-view-inside:visible');
      await page.keyboard.press('p');
    },
  },
  {
    name: 'a bed that is not there',
    enter: async (page) => {
      await page.evaluate(() => {
        location.hash = '#bed=Bed%2099';
      });
      await page.waitForSelector('.bed-view-missing:visible');
    },
  },
  {
    name: 'not connected',
    enter: async (page, daemon) => {
      await page.evaluate(() => {
        location.hash = '';
      });
      daemon.signal('SIGSTOP');
      await page.waitForSelector('.alarm[data-code="BOARD_NOT_CONNECTED"]', { timeout: 30_000 });
    },
  },
];

/** Every violation, a line each: rule, weight, element, and what is wrong. */
async function violations(page: Page): Promise<readonly string[]> {
  const results = await page.evaluate(
    async (options) => (window as unknown as { axe: { run: (o: unknown) => Promise<AxeResults> } }).axe.run(options),
    RULES as object,
  );
  return results.violations.flatMap(({ id, impact, nodes }) =>
    nodes.flatMap(({ target, any, all, none }) => {
      if (id === 'target-size' && target.join(' ').includes(SMALL)) return [];
      const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
      return `${id} (${String(impact)}): ${target.join(' ')}: ${why}`;
    }),
  );
}

async function put(page: Page, { width, height, scheme, language }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width, height });
  await page.evaluate((id) => {
    document.getElementById(id)?.click();
  }, `language-${language}`);
}

async function run(t: Test, executablePath: string): Promise<void> {
  const { daemon, browser } = await startBoard(t, executablePath, (directory) => ({
    beds: [
      { name: 'Bed 1', adapter: { kind: 'synthetic', seed: 1 } },
      { name: 'Bed 2', adapter: { kind: 'synthetic', seed: 2, durationSeconds: 1 } },
      { name: 'Bed 3', adapter: { kind: 'cyton', port: join(directory, 'no-such-port') } },
      { name: 'Bed 4', adapter: { kind: 'push' } },
    ],
  }));
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  await feedAlarms(page, () => ALARMS);
  await page.goto(daemon.url);
  await page.waitForSelector('#connection[data-state="live"]');
  await page.evaluate(AXE);
  for (const { name, enter } of STATES) {
    await t.test(name, async (t) => {
      await enter(page, daemon);
      for (const look of LOOKS) {
        await put(page, look);
        t.same(await violations(page), [], `${String(look.width)} px, ${look.scheme}, ${look.language}`);
      }
    });
  }
}

const executablePath = chromiumPath();
if (executablePath === undefined && process.env['CI'] === 'true') {
  t.fail('chromium is missing, and CI must have it');
} else {
  const skip = executablePath === undefined && 'no chromium here (apt-get install chromium)';
  void t.test('accessibility in a browser', { skip, timeout: 295_000 }, (t) => run(t, executablePath ?? ''));
}
