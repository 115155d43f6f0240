import type { Command } from 'commander';
import type { ProfileName } from '../../pipelines/core/profile.js';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { Montage } from '../config/schema.js';
import type { CliContext } from './context.js';
import { montageArgument, positiveArgument, presenceArgument, profileArgument } from './options.js';
import type { RunCommand } from './program.js';

export interface ScoreOptions {
  readonly annotations?: string;
  readonly chirps?: string;
  readonly empty?: string;
  readonly threshold?: number;
  readonly toleranceSeconds: number;
  readonly toleranceHz: number;
  readonly outTsv?: string;
  readonly canvases?: string;
  readonly labels?: string;
  readonly predictions?: string;
  readonly adapter: string;
  readonly model?: string;
  readonly config?: string;
  readonly profile?: ProfileName[];
  readonly montage?: Montage;
  readonly json?: string;
}

/** Options of one of the two ways alone. */
const FOR_RECORDINGS = ['annotations', 'chirps', 'empty', 'threshold', 'outTsv', 'profile', 'montage'] as const;
const FOR_CANVASES = ['labels', 'predictions'] as const;

/** `chirpd score`: how well the daemon does, on recordings or on a stack of canvases whose truth is known. */
export function addScoreCommand(program: Command, context: CliContext, run: RunCommand): void {
  program
    .command('score')
    .description(
      'replay recordings and compare what is found with annotations and labelled chirps, or score a stack of canvases',
    )
    .argument('[files...]', 'recordings (EDF, BDF, BrainVision, XDF, OpenBCI text, CSV)')
    .option(
      '--annotations <path>',
      'HED-SCORE table of the recording, or folder of tables (default: NAME.tsv or NAME_events.tsv beside each recording, if there)',
    )
    .option('--chirps <file>', 'labelled chirps: CSV with file, onset_s, offset_s, start_hz, end_hz')
    .option('--empty <file>', 'stretches without a chirp: CSV with file, start_s, end_s')
    .option('--threshold <p>', "presence from which on a chirp counts (default: the config's)", presenceArgument)
    .option('--tolerance-seconds <s>', 'of the onset of a labelled chirp', positiveArgument, 2)
    .option('--tolerance-hz <hz>', 'of its start and end frequency', positiveArgument, 2)
    .option('--out-tsv <folder>', 'write what was found as HED-SCORE tables')
    .option(
      '--canvases <file>',
      'stack of canvases instead of recordings: .npy, (N, 128, 128), rows from low frequency',
    )
    .option('--labels <file>', 'their truth: CSV with start_time_s, start_frequency_hz, end_frequency_hz')
    .option('--predictions <file>', 'write what the model says of each canvas, as CSV')
    .option('--adapter <name>', 'adapter of the model that looks at canvases', 'painted')
    .option('--model <folder>', "folder of a released model (default: the config's)")
    .option('--config <file>', 'config file for model, detection and the settings of beds')
    .option('--profile <name>', 'band profile: slow, scalp, wide or fast; may be given several times', profileArgument)
    .option('--montage <name>', 'auto, average, bipolar, recorded, or derivations as F7-T7,T7-P7', montageArgument)
    .option('--json <file>', 'write every figure to this file')
    .action((files: readonly string[], options: ScoreOptions) =>
      run(async () => {
        const { canvases } = options;
        const misplaced = (canvases === undefined ? FOR_CANVASES : FOR_RECORDINGS).find(
          (name) => options[name] !== undefined,
        );
        if (misplaced !== undefined) {
          const flag = `--${misplaced.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
          throw new ChirpdError(
            'USAGE_SCORE',
            `${flag} goes ${canvases === undefined ? 'with' : 'without'} --canvases`,
          );
        }
        if (canvases !== undefined) {
          if (files.length > 0) throw new ChirpdError('USAGE_SCORE', 'name recordings or --canvases, not both');
          const { scoreCanvases } = await import('./score-canvases.js');
          return scoreCanvases(canvases, options, context);
        }
        if (files.length === 0) throw new ChirpdError('USAGE_SCORE', 'name recordings to score, or --canvases');
        const { scoreRecordings } = await import('./score-recordings.js');
        return scoreRecordings(files, options, program.opts()['verbose'] === true, context);
      }),
    );
}
