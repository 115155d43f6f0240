import { Command, CommanderError } from 'commander';
import { errorText, isChirpdError } from '../../pipelines/core/errors.js';
import { ERROR_LEVEL, journalLines } from '../service/journal-lines.js';
import { addCheckCommand } from './check.js';
import type { CliContext } from './context.js';
import { addDevicesCommand } from './devices.js';
import { addDoctorCommand } from './doctor.js';
import { addEmulateCommand } from './emulate.js';
import { EXIT, exitCodeOf, exitCodesHelp, type ExitCode } from './exit-codes.js';
import { addReloadCommand } from './reload.js';
import { addReplayCommand } from './replay.js';
import { addRunCommand } from './run.js';
import { addScoreCommand } from './score.js';
import { addTailCommand } from './tail.js';
import { addTimelineCommand } from './timeline.js';
import { addTokenCommand } from './token.js';

/** Runs what a command is there for, and says with which code to exit. */
export type RunCommand = (work: () => Promise<ExitCode> | ExitCode) => Promise<void>;

/**
 * Runs one command line.
 * @param args without node and the script
 * @returns the code to exit with; nothing is thrown
 */
export async function runCli(args: readonly string[], context: CliContext): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram(context, async (work) => {
    exitCode = await work();
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    tellError(error, program.opts()['verbose'] === true, context);
    return exitCodeOf(error);
  }
}

function createProgram(context: CliContext, run: RunCommand): Command {
  const program = new Command('chirpd')
    .description(
      'Watches EEG as it arrives and reports chirps: swept-frequency ridges in the spectrogram. Not a medical device.',
    )
    .version(context.version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .option('--verbose', 'log more, and show where an error comes from')
    .addHelpText('after', exitCodesHelp())
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        context.stdout.write(text);
      },
      writeErr: (text) => {
        context.stderr.write(text);
      },
      outputError: (text, write) => {
        const oneLine = text
          .replace(/^error: /, '')
          .trim()
          .replaceAll(/\s*\n\s*/g, ' ');
        write(asError(`chirpd: ${oneLine} (see chirpd --help)\n`, context));
      },
      getOutHelpWidth: () => context.stdout.columns,
      getErrHelpWidth: () => context.stderr.columns,
    });
  addRunCommand(program, context, run);
  addReplayCommand(program, context, run);
  addScoreCommand(program, context, run);
  addTailCommand(program, context, run);
  addTimelineCommand(program, context, run);
  addTokenCommand(program, context, run);
  addReloadCommand(program, context, run);
  addDevicesCommand(program, context, run);
  addCheckCommand(program, context, run);
  addDoctorCommand(program, context, run);
  addEmulateCommand(program, context, run);
  return program;
}

function asError(text: string, { stderr }: CliContext): string {
  return stderr.journal === true ? journalLines(text, ERROR_LEVEL) : text;
}

function tellError(error: unknown, verbose: boolean, context: CliContext): void {
  const { stderr } = context;
  const hint = isChirpdError(error) ? '' : ' (an error inside chirpd; --verbose shows where)';
  stderr.write(asError(`chirpd: ${errorText(error)}${verbose ? '' : hint}\n`, context));
  if (!verbose) return;
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    stderr.write(asError(`${cause.stack ?? cause.message}\n`, context));
}
