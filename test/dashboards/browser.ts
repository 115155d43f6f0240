import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** No sandbox: tests run in containers, on pages of our own. No traffic but what the page makes. */
const FLAGS = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where a Chromium is installed; undefined where none is. `CHIRPD_CHROMIUM` names another one. */
export function chromiumPath(): string | undefined {
  return [process.env['CHIRPD_CHROMIUM'] ?? '', ...PLACES].find((path) => path !== '' && existsSync(path));
}

export async function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS });
}
