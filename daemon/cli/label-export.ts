import { basename, resolve } from 'node:path';
import { fileKindOf } from '../../adapters/file-kind.js';
import { openAdapter } from '../../adapters/registry.js';
import { planSession } from '../../adapters/session/plan.js';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { chirpTable } from '../labels/chirp-table.js';
import { LabelBook } from '../labels/label-book.js';
import { labelTable, type TableSpan } from '../labels/label-table.js';
import { withEventNow } from '../labels/told-labels.js';
import { TimelineReader } from '../timeline/reader.js';
import type { CliContext } from './context.js';
import { openOutputFile } from './output-file.js';
import type { ExportOptions } from './timeline.js';

/**
 * Writes the labels that lie in a recording as a table that `chirpd score` reads.
 * @param directory of the timeline
 * @returns how many there are
 * @throws ChirpdError USAGE_EXPORT, and what is wrong with recording, timeline or output
 */
export async function exportLabels(
  directory: string,
  { format, bed, recording, out, from, to, type }: ExportOptions,
  { folder, stdout }: CliContext,
): Promise<number> {
  if (bed === undefined || recording === undefined) {
    const text = `--format ${format} needs --recording FILE, and --bed NAME: the bed whose labels lie in it`;
    throw new ChirpdError('USAGE_EXPORT', text);
  }
  if (from !== undefined || to !== undefined || type !== undefined) {
    throw new ChirpdError('USAGE_EXPORT', `--format ${format} takes no --from, --to and --type: the recording says`);
  }
  const path = resolve(folder, recording);
  const span = await spanOf(path);
  const file = out === undefined ? undefined : openOutputFile(resolve(folder, out));
  const reader = TimelineReader.open(directory);
  try {
    const book = new LabelBook({
      states: (prefix) => reader.states(prefix),
      byKey: (key) => reader.byKey(key),
      listen: () => () => undefined,
    });
    const labels = book.ofBed(bed).map((label) => withEventNow(reader, label));
    const text = format === 'bids' ? labelTable(labels, span) : chirpTable(labels, span, basename(path));
    if (file === undefined) stdout.write(text);
    else file.write(text);
    return text.split('\n').length - 2;
  } finally {
    file?.close();
    await reader.close();
  }
}

async function spanOf(path: string): Promise<TableSpan> {
  const { info } = await planSession([{ kind: await fileKindOf(path), path }], openAdapter);
  const { startTimeMicros, nSamplesTotal, sampleRate } = info;
  const seconds = nSamplesTotal === undefined ? undefined : nSamplesTotal / sampleRate;
  return {
    startMicros: startTimeMicros,
    endMicros: seconds === undefined ? undefined : startTimeMicros + Math.round(seconds * 1e6),
  };
}
