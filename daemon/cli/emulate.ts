import { resolve } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { EmulatedBisVista } from '../../adapters/bis-vista/emulated-monitor.js';
import { EmulatedCyton } from '../../adapters/cyton/emulated-board.js';
import type { CreateDevice } from '../../adapters/emulators/device.js';
import { Emulator } from '../../adapters/emulators/emulator.js';
import { RecordedSignal } from '../../adapters/emulators/recorded-signal.js';
import { EmulatedFreeEeg32 } from '../../adapters/freeeeg32/emulated-board.js';
import { EmulatedModularEeg } from '../../adapters/modulareeg/emulated-board.js';
import type { CliContext } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { RunCommand } from './program.js';

interface EmulateOptions {
  readonly loop?: boolean;
  readonly link?: string;
  readonly daisy?: boolean;
}

/** A device that can be emulated: its command, and how to make one. */
interface Emulation {
  readonly kind: string;
  readonly title: string;
  readonly create: (options: EmulateOptions) => CreateDevice;
  /** Options of the adapter that name the channels. */
  readonly labels: (labels: readonly string[]) => Readonly<Record<string, unknown>>;
  /** Adds options of its own. */
  readonly describe?: (command: Command) => void;
}

const EMULATIONS: readonly Emulation[] = [
  {
    kind: 'cyton',
    title: 'OpenBCI Cyton',
    create:
      ({ daisy = false }) =>
      (answer) =>
        new EmulatedCyton({ hasDaisy: daisy, answer }),
    labels: (labels) => ({ channels: labels }),
    describe: (command) => command.option('--daisy', 'with a Daisy module: 16 channels'),
  },
  {
    kind: 'bis-vista',
    title: 'BIS Vista monitor (experimental)',
    create: () => (answer) => new EmulatedBisVista(answer),
    labels: (labels) => ({ labels }),
  },
  {
    kind: 'freeeeg32',
    title: 'FreeEEG32',
    create: () => () => new EmulatedFreeEeg32(),
    labels: (labels) => ({ labels }),
  },
  {
    kind: 'modulareeg',
    title: 'ModularEEG (P2)',
    create: () => () => new EmulatedModularEeg(),
    labels: (labels) => ({ labels }),
  },
];

/** `chirpd emulate`: a device on a serial port of this machine that plays a recording, for those who have none. */
export function addEmulateCommand(program: Command, context: CliContext, run: RunCommand): void {
  const emulate = program
    .command('emulate')
    .description('play a recording as a device on a serial port would send it, and print the port');
  for (const emulation of EMULATIONS) {
    const { kind, title, create, describe } = emulation;
    const command = emulate
      .command(kind)
      .description(`play a recording as a ${title}`)
      .argument('<file>', 'recording, of any kind that chirpd reads')
      .option('--loop', 'begin again at the end of the recording')
      .option('--link <path>', 'make a symbolic link to the port, so that its name stays the same');
    describe?.(command);
    command.action((file: string, options: EmulateOptions) =>
      run(() => play(emulation, resolve(context.folder, file), options, create(options), context)),
    );
  }
}

async function play(
  emulation: Emulation,
  path: string,
  { loop = false, link }: EmulateOptions,
  createDevice: CreateDevice,
  { folder, stdout, stderr, stop }: CliContext,
): Promise<ExitCode> {
  const { kind } = emulation;
  const { sampleRate } = createDevice(() => undefined);
  const signal = await RecordedSignal.open({ path, sampleRate, loops: loop });
  const emulator = new Emulator({ createDevice, signal, ...(link !== undefined && { link: resolve(folder, link) }) });
  try {
    const port = await emulator.start();
    const { device } = emulator;
    const nPlayed = Math.min(device.nChannels, signal.info.channels.length);
    const labels = signal.info.channels.slice(0, nPlayed).map(({ label }) => label);
    stdout.write(`${port}\n`);
    stderr.write(
      `chirpd: plays ${path} as a ${device.title}; Ctrl-C ends it. A bed that listens to it:\n` +
        stringify([{ name: 'bed-1', adapter: { kind, port, ...emulation.labels(labels) } }]).replaceAll(
          /^(?=.)/gm,
          '    ',
        ),
    );
    await Promise.race([emulator.ended, aborted(stop)]);
    if (signal.failure === undefined) return EXIT.ok;
    stderr.write(`chirpd: ${signal.failure}\n`);
    return EXIT.input;
  } finally {
    await emulator.stop();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
