import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { Test } from 'tap';
import { launchChromium } from './browser.js';
import { ensureBuilt, RunningDaemon } from './daemon.js';

/** A running daemon and a browser to look at its board with. */
export interface BoardRig {
  readonly daemon: RunningDaemon;
  readonly browser: Browser;
  /** Where the daemon keeps what it keeps; it goes with the test. */
  readonly directory: string;
}

/**
 * Starts both, until the end of the test.
 *
 * @param settings the daemon's config but for its port and its data, of the directory in which devices may be missing
 */
export async function startBoard(
  t: Test,
  executablePath: string,
  settings: (directory: string) => object,
): Promise<BoardRig> {
  ensureBuilt();
  const directory = await mkdtemp(join(tmpdir(), 'chirpd-board-'));
  const configPath = join(directory, 'chirpd.json');
  const config = { server: { port: 0 }, data: join(directory, 'data'), ...settings(directory) };
  // JSON is YAML.
  await writeFile(configPath, JSON.stringify(config));
  const daemon = await RunningDaemon.start(configPath);
  const browser = await launchChromium(executablePath);
  t.teardown(async () => {
    await browser.close();
    await daemon.kill();
    await rm(directory, { recursive: true, force: true });
  });
  return { daemon, browser, directory };
}
