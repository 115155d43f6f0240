import { InvalidArgumentError, type Command } from 'commander';
import { stringify } from 'yaml';
import { findDevices, type DeviceSearch } from '../find-devices.js';
import type { CliContext } from './context.js';
import { EXIT } from './exit-codes.js';
import type { RunCommand } from './program.js';

interface DevicesOptions {
  readonly json?: boolean;
  readonly seconds: number;
}

const SECONDS = { default: 3, least: 0.5, most: 60 } as const;

/** `chirpd devices`: what is plugged in and on the network, each with the lines that make a bed of it. */
export function addDevicesCommand(program: Command, context: CliContext, run: RunCommand): void {
  program
    .command('devices')
    .description('list devices that are plugged in or on the network, with the config lines of each')
    .option('--seconds <n>', 'how long to look', secondsOf, SECONDS.default)
    .option('--json', 'print JSON')
    .action((options: DevicesOptions) =>
      run(async () => {
        const searches = await findDevices(options.seconds * 1000);
        context.stdout.write(options.json === true ? `${JSON.stringify(searches, null, 2)}\n` : devicesText(searches));
        return EXIT.ok;
      }),
    );
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= SECONDS.least && seconds <= SECONDS.most)) {
    throw new InvalidArgumentError(`It must be from ${String(SECONDS.least)} to ${String(SECONDS.most)}.`);
  }
  return seconds;
}

/** For people: each device with its config, then the kinds of which there is none, then what could not be looked for. */
export function devicesText(searches: readonly DeviceSearch[]): string {
  const found = searches.flatMap(({ kind, devices }) =>
    devices.map(({ title, options }) => {
      const config = stringify([{ name: 'bed-1', adapter: { kind, ...options } }]);
      return `${title}\n${config.replaceAll(/^/gm, '    ').trimEnd()}\n`;
    }),
  );
  const none = searches.filter(({ devices, failure }) => devices.length === 0 && failure === undefined);
  const failures = new Set(searches.flatMap(({ failure }) => failure ?? []));
  const failed = Array.from(failures, (text) => {
    const kinds = searches.filter(({ failure }) => failure === text).map(({ kind }) => kind);
    return `could not look for ${kinds.join(', ')}: ${text}\n`;
  });
  const head =
    found.length === 0
      ? 'No device found.\n'
      : `${String(found.length)} found; put its lines under beds: in a config file.\n`;
  const looked = none.length === 0 ? '' : `none of: ${none.map(({ kind }) => kind).join(', ')}\n`;
  return [head, ...found.map((text) => `\n${text}`), found.length > 0 ? '\n' : '', looked, ...failed].join('');
}
