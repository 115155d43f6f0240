import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import type { Browser, Page } from 'playwright-core';
import type { TimelineMessage } from '../../daemon/protocol/messages.js';
import { until } from '../until.js';
import { chirpd } from '../daemon/cli/chirpd.js';
import { addToken, bearer, startGuardedDaemon } from '../daemon/access/guarded-daemon.js';
import { chromiumPath, launchChromium } from './browser.js';

t.setTimeout(280_000);

const executable = chromiumPath();
if (process.env['CI'] === 'true') t.ok(executable !== undefined, 'nothing is skipped here');
const skip = executable === undefined && 'no Chromium';

const LONG = { timeout: 120_000 };

async function logIn(page: Page, token: string): Promise<void> {
  await page.locator('#login-token').fill(token);
  await page.locator('#login-submit').click();
}

t.test('the board and who may use it', { skip }, async (t) => {
  const { url: address, dataFolder, tokens } = await startGuardedDaemon(t);
  const url = address.replace('127.0.0.1', 'localhost');
  const browser: Browser = await launchChromium(executable ?? '');
  t.teardown(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));

  await t.test('asks for a token, and shows nothing before', async (t) => {
    await page.goto(url);
    await page.locator('#login').waitFor(LONG);
    t.match(await page.locator('#login-why').textContent(), /asks for a token/);
    await page.locator('#connection[data-state=failed]').waitFor(LONG);
    t.match(await page.locator('#connection').textContent(), /Not connected . nobody is logged in/);
    t.equal(await page.locator('.tile').count(), 0);
    t.equal(await page.locator('#board').isVisible(), false);
    await page.locator('#language-de').click();
    t.match(await page.locator('#login-why').textContent(), /verlangt ein Token/);
    await page.locator('#language-en').click();
    await logIn(page, 'chirpd_wrong');
    await page.locator('#login-trouble:not(:empty)').waitFor(LONG);
    t.match(await page.locator('#login-trouble').textContent(), /not known/);
    await page.locator('#language-de').click();
    t.match(await page.locator('#login-trouble').textContent(), /nicht bekannt/);
    await page.locator('#language-en').click();
    await logIn(page, tokens.push);
    await page.locator('#login-trouble', { hasText: 'sends samples' }).waitFor(LONG);
    t.equal(await page.locator('#login').isVisible(), true);
    if (process.env['CHIRPD_SHOTS'] !== undefined) await shots(page, 'first');
  });

  await t.test('lets a viewer look, and says why nothing else', async (t) => {
    await logIn(page, tokens.view);
    await page.locator('.tile').first().waitFor(LONG);
    t.equal(await page.locator('#login').isVisible(), false);
    t.equal(await page.locator('#session-name').textContent(), 'view (view)');
    const cookie = (await context.cookies()).find(({ name }) => name.startsWith('chirpd-'));
    t.match(cookie, { httpOnly: true, sameSite: 'Strict' });
    t.equal(await page.evaluate(() => document.cookie), '', 'scripts do not see it');
    const button = page.locator('.alarm[data-code=BED_FAILED] .alarm-button');
    await button.waitFor(LONG);
    await until(async () => (await button.getAttribute('title')) !== '', 'the reason', 30_000);
    t.equal(await button.isDisabled(), true);
    t.match(await button.getAttribute('title'), 'Not with this token: it may view');
    if (process.env['CHIRPD_SHOTS'] !== undefined) await shots(page, 'viewer');
    await page.goto(`${url}#bed=made-up`);
    const mark = page.locator('.bed-view-mark:visible');
    await until(async () => (await mark.getAttribute('title')) !== '', 'the reason', 30_000);
    t.equal(await mark.isDisabled(), true);
    t.match(await mark.getAttribute('title'), 'Not with this token: it may view');
    await page.keyboard.press('a');
    await page.locator('.label-dialog .alarm-trouble', { hasText: 'Not with this token' }).waitFor(LONG);
    t.equal(await page.locator('.label-dialog .alarm-submit').isDisabled(), true);
    await page.keyboard.press('Escape');
    await page.locator('.rules-button').first().click();
    const save = page.locator('.rules-save .alarm-submit');
    await page.locator('.rules-save .rules-hint', { hasText: 'Not with this token' }).waitFor(LONG);
    t.equal(await save.getAttribute('aria-disabled'), 'true');
    await page.goto(url);
    await page.reload();
    await page.locator('.tile').first().waitFor(LONG);
    t.equal(await page.locator('#login').isVisible(), false, 'a reload changes nothing');
  });

  await t.test('a page of the same site gets nothing with its cookie', async (t) => {
    const elsewhere = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<p>elsewhere</p>');
    }).listen(0, '127.0.0.1');
    t.teardown(() => elsewhere.close());
    await new Promise((resolve) => elsewhere.once('listening', resolve));
    const foreign = await context.newPage();
    await foreign.goto(`http://localhost:${String((elsewhere.address() as AddressInfo).port)}/`);
    const heard = await foreign.evaluate(
      async (daemon) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(`${daemon.replace('http', 'ws')}v1/stream`, 'chirpd.v1.json');
          socket.onmessage = () => {
            resolve('a message');
          };
          socket.onclose = () => {
            resolve('closed');
          };
        }),
      url,
    );
    t.equal(heard, 'closed');
    const read = await foreign.evaluate(
      async (daemon) =>
        fetch(`${daemon}v1/beds`, { credentials: 'include' }).then(
          () => 'an answer',
          () => 'nothing',
        ),
      url,
    );
    t.equal(read, 'nothing');
    await foreign.close();
  });

  await t.test('who may acknowledge does, and the timeline has the token’s name beside the person’s', async (t) => {
    await page.locator('#log-out').click();
    await page.locator('#login').waitFor(LONG);
    t.equal(await page.locator('.tile').count(), 0);
    const ward = await addToken(dataFolder, 'Ward 3', 'acknowledge');
    // A daemon takes half a second to learn of it.
    await until(async () => {
      const { status } = await fetch(new URL('/v1/beds', address), { headers: bearer(ward) });
      return status === 200;
    }, 'the token');
    await logIn(page, ward);
    const button = page.locator('.alarm[data-code=BED_FAILED] .alarm-button');
    await button.waitFor(LONG);
    await until(async () => button.isEnabled(), 'the button', 30_000);
    await button.click();
    await page.locator('#alarm-name').fill('Ada');
    await page.locator('#alarm-submit').click();
    const acknowledged = async (): Promise<readonly TimelineMessage[]> => {
      const answer = await fetch(new URL('/v1/events?kind=acknowledgement', address), { headers: bearer(tokens.view) });
      return ((await answer.json()) as { records: TimelineMessage[] }).records;
    };
    await until(async () => (await acknowledged()).length > 0, 'the record', 30_000);
    t.match(await acknowledged(), [{ name: 'Ada', token: 'Ward 3', code: 'BED_FAILED' }]);
  });

  await t.test('a right that ends: nothing looks alive, the board’s alarm comes, the token is asked for', async (t) => {
    t.equal((await chirpd(['token', 'remove', 'Ward 3', '--data', dataFolder])).code, 0);
    await page.locator('#login').waitFor(LONG);
    await page.locator('.alarm[data-code=BOARD_NOT_CONNECTED]').waitFor(LONG);
    t.match(
      await page.locator('#connection').textContent(),
      /Not connected . the token was removed, or the session has ended/,
    );
    t.match(await page.locator('#login-why').textContent(), /this board is not live/);
    t.equal(await page.locator('#clock').textContent(), '--:--:--');
    const states = await page
      .locator('.tile')
      .evaluateAll((all) => all.map((tile) => (tile as HTMLElement).dataset['freshness']));
    t.ok(states.length > 0 && states.every((state) => state !== 'live'), states.join());
    t.equal(await page.locator('.alarm[data-code=BOARD_NOT_CONNECTED] .alarm-button').isEnabled(), true);
    if (process.env['CHIRPD_SHOTS'] !== undefined) await shots(page, 'ended');
    await logIn(page, tokens.administer);
    await page.locator('#connection[data-state=live]').waitFor(LONG);
    t.equal(await page.locator('#login').isVisible(), false);
  });
  t.same(errors, []);
});

async function shots(page: Page, name: string): Promise<void> {
  for (const [width, height] of [
    [390, 844],
    [1440, 900],
    [3840, 2160],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: `${process.env['CHIRPD_SHOTS'] ?? ''}/${name}-${String(width)}.png` });
  }
}
