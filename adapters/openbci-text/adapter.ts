import { basename } from 'node:path';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { StreamInfo, StreamItem } from '../../pipelines/core/signal.js';
import type { Adapter } from '../adapter.js';
import { DiskFile } from '../replay/disk-file.js';
import type { Recording } from '../replay/recording.js';
import { replay } from '../replay/replay.js';
import { EegSelection } from '../replay/select.js';
import { startMicros } from '../replay/start-micros.js';
import { readLines, textEncodingOf } from '../replay/text-lines.js';
import { cellsOf, parseLayout, type OpenBciLayout } from './header.js';
import { counterStep } from './loss.js';
import type { OpenBciTextOptions } from './options.js';
import { readRows, secondsOf, type OpenBciRows } from './rows.js';

/** Replays raw text files of the OpenBCI GUI. Errors: `OPENBCI_...`, `RECORDING_...`, see adapters/README.md. */
export const openBciTextAdapter: Adapter<OpenBciTextOptions, StreamItem> = {
  kind: 'openbci-text',
  open: (options, context) => replay(() => openOpenBciText(options), context),
};

/** Rows that are looked at to see how the file counts. */
const HEAD_ROWS = 512;

async function openOpenBciText(options: OpenBciTextOptions): Promise<Recording> {
  const file = await DiskFile.open(options.path);
  try {
    const encoding = await textEncodingOf(file);
    const lines = (await readLines(file, encoding).next()).value?.lines ?? [];
    const layout = parseLayout(lines, options);
    const head = lines
      .filter((line) => /^\s*\d/.test(line))
      .slice(0, HEAD_ROWS)
      .map(cellsOf)
      .filter((cells) => cells.length === layout.nColumns);
    const { info, columns } = describe(layout, head, options);
    const rows: OpenBciRows = {
      layout,
      columns,
      step: isCyton(layout) ? counterStep(head.map((cells) => Number(cells[layout.indexColumn]))) : undefined,
    };
    return {
      info,
      segments: () => readRows(file, readLines(file, encoding), rows),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The counter of other boards (Ganglion) differs from one version of the GUI to the next, and is not relied on. */
function isCyton({ board, eegColumns }: OpenBciLayout): boolean {
  return board === undefined ? eegColumns.length === 8 || eegColumns.length === 16 : /cyton/i.test(board);
}

/** What is streamed, and from which columns. */
function describe(
  layout: OpenBciLayout,
  head: readonly (readonly string[])[],
  options: OpenBciTextOptions,
): { readonly info: StreamInfo; readonly columns: readonly number[] } {
  const { path, labels } = options;
  const n = layout.eegColumns.length;
  if (labels !== undefined && labels.length !== n) {
    const message = `${path}: option labels names ${labels.length} channels, the file has ${n}`;
    throw new ChirpdError('OPENBCI_LABELS', message);
  }
  const signals = layout.eegColumns.map((column, i) => ({
    column,
    name: layout.eegNames[i] ?? '',
    label: labels?.[i] ?? `channel ${i + 1}`,
    unit: 'uV',
  }));
  const selection = new EegSelection(signals, options);
  selection.keepFirstOfEachLabel(({ name }) => name);
  if (selection.candidates.length === 0) {
    throw new ChirpdError('RECORDING_NO_EEG', `${path}: no channel is EEG (${selection.whyNothing()})`);
  }
  const started = startMicros(head[0] === undefined ? undefined : secondsOf(head[0], layout));
  const board = layout.board === undefined ? '' : `, ${layout.board}`;
  const note = started === undefined ? ' (without a date, 1970-01-01 taken)' : '';
  return {
    columns: selection.candidates.map(({ signal }) => signal.column),
    info: {
      type: 'info',
      channels: selection.candidates.map(({ signal, label }) => ({ label: label.label, sourceLabel: signal.name })),
      leftOut: [...selection.leftOut(), ...layout.leftOut],
      sampleRate: layout.sampleRate,
      startTimeMicros: started ?? 0,
      source: `${basename(path)}${board}${note}`,
    },
  };
}
