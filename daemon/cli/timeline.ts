import { join, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { replayOf, TIMELINE_TYPES, type TimelineMessage } from '../protocol/messages.js';
import { contentTimeMicros } from '../timeline/record.js';
import { TimelineReader } from '../timeline/reader.js';
import type { CliContext } from './context.js';
import { defaultDataDirectory } from './data-directory.js';
import { EXIT } from './exit-codes.js';
import { openOutputFile } from './output-file.js';
import type { RunCommand } from './program.js';
import { exportLabels } from './label-export.js';
import { CSV_HEADER, csvLine } from './timeline-csv.js';

interface TimelineOptions {
  readonly data?: string;
}

export interface ExportOptions extends TimelineOptions {
  readonly format: 'jsonl' | 'csv' | 'bids' | 'chirps';
  readonly recording?: string;
  readonly bed?: string;
  readonly type?: TimelineMessage['type'];
  readonly from?: number;
  readonly to?: number;
  readonly replays?: boolean;
  readonly out?: string;
}

/** Bytes gathered before they are written. */
const CHUNK = 65_536;

/** `chirpd timeline export` and `verify`: both only read, also while a daemon writes. */
export function addTimelineCommand(program: Command, context: CliContext, run: RunCommand): void {
  const timeline = program
    .command('timeline')
    .description('export or verify what the daemon has told')
    .helpCommand(false);
  const data = (): Option =>
    new Option('--data <folder>', "the daemon's data folder (default: where it keeps real beds)");
  timeline
    .command('export')
    .description('write events, gaps, stream changes, alarms and labels as JSON lines or CSV, or labels as a table')
    .addOption(data())
    .addOption(
      new Option(
        '--format <name>',
        'of the output; with --recording: labels in force, for `chirpd score`: bids (its --annotations) or chirps (its --chirps)',
      )
        .choices(['jsonl', 'csv', 'bids', 'chirps'])
        .default('jsonl'),
    )
    .option('--recording <file>', 'of the labels of --bed, those that lie in it, in seconds from its start')
    .option('--bed <name>', 'of this bed only')
    .addOption(new Option('--type <name>', 'only these').choices(TIMELINE_TYPES))
    .option('--from <time>', 'from this onset on: 2026-11-24, or 2026-11-24T08:00:00Z', microsOf)
    .option('--to <time>', 'before this onset', microsOf)
    .option('--replays', 'what replays in the daemon told, too (default: only with --bed)')
    .option('--out <file>', 'file to write (default: standard output)')
    .action((options: ExportOptions) =>
      run(async () => {
        const isTable = options.format === 'bids' || options.format === 'chirps';
        if (!isTable && options.recording !== undefined) {
          throw new ChirpdError('USAGE_EXPORT', '--recording goes with --format bids or chirps');
        }
        const n = isTable
          ? await exportLabels(directoryOf(options, context), options, context)
          : await exportTimeline(options, context);
        context.stderr.write(`${String(n)} ${isTable ? 'labels' : 'records'}\n`);
        return EXIT.ok;
      }),
    );
  timeline
    .command('verify')
    .description('read every record and check that all tables agree')
    .addOption(data())
    .action((options: TimelineOptions) =>
      run(async () => {
        const reader = TimelineReader.open(directoryOf(options, context));
        const n = reader.verify();
        const range = n === 0 ? '' : `, cursors ${String(reader.oldestCursor)} to ${String(reader.newestCursor)}`;
        context.stdout.write(`ok: ${String(n)} records${range}, in ${reader.directory}\n`);
        await reader.close();
        return EXIT.ok;
      }),
    );
}

async function exportTimeline(options: ExportOptions, context: CliContext): Promise<number> {
  const reader = TimelineReader.open(directoryOf(options, context));
  const file = options.out === undefined ? undefined : openOutputFile(resolve(context.folder, options.out));
  const write = (text: string): void => {
    if (file === undefined) context.stdout.write(text);
    else file.write(text);
  };
  let n = 0;
  let text = options.format === 'csv' ? CSV_HEADER : '';
  try {
    for (const record of reader.records()) {
      if (!isWanted(record, options)) continue;
      n++;
      text += options.format === 'csv' ? csvLine(record) : `${JSON.stringify(record)}\n`;
      if (text.length < CHUNK) continue;
      write(text);
      text = '';
    }
    write(text);
  } finally {
    file?.close();
    await reader.close();
  }
  return n;
}

function isWanted(record: TimelineMessage, { bed, type, from, to, replays = false }: ExportOptions): boolean {
  const timeMicros = contentTimeMicros(record);
  return (
    (bed === undefined ? replays || replayOf(record) === undefined : record.bed === bed) &&
    (type === undefined || record.type === type) &&
    (from === undefined || timeMicros >= from) &&
    (to === undefined || timeMicros < to)
  );
}

function directoryOf({ data }: TimelineOptions, { folder, env }: CliContext): string {
  return join(data === undefined ? defaultDataDirectory(env, 'beds') : resolve(folder, data), 'timeline');
}

function microsOf(text: string): number {
  const ms = Date.parse(/T.*(?:Z|[+-]\d\d:?\d\d)$|^[^T]*$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It must be a time such as 2026-11-24T08:00:00Z.');
  return ms * 1000;
}
