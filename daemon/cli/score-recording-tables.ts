import type { ChirpFigures } from '../score/chirp-report.js';
import type { ChirpTolerance } from '../score/chirp-scoring.js';
import type { Counts, Rates } from '../score/counts.js';
import type { ErrorFigures } from '../score/error-figures.js';
import { SZCORE_RULES } from '../score/event-scoring.js';
import type { EventFigures } from '../score/event-report.js';
import type { RecordingsReport } from '../score/recordings-report.js';
import { figureText, intervalText, shareText } from './figure-text.js';
import { textTable } from './text-table.js';

export interface RecordingTableOptions {
  readonly threshold: number;
  readonly tolerance: ChirpTolerance;
  readonly model: string;
}

/** How the daemon did on recordings, for people. */
export function recordingTables(report: RecordingsReport, options: RecordingTableOptions): string {
  const { recordings, events, chirps, chirpsByProfile } = report;
  const profiles = Object.entries(chirpsByProfile);
  const parts = [
    events === undefined ? '' : eventTable(report),
    events === undefined ? '' : eventSummary(events.figures, events.samples),
    chirps === undefined
      ? ''
      : chirpTable(profiles.length > 1 ? [...profiles, ['all', chirps]] : profiles, options.tolerance),
  ];
  const count = recordings.length === 1 ? '1 recording' : `${String(recordings.length)} recordings`;
  const heading = `${count}, model ${options.model}, chirps of score ${String(options.threshold)} and more\n`;
  return [heading, ...parts.filter((part) => part !== '')].join('\n');
}

const EVENT_COLUMNS = [
  { title: 'recording' },
  ...['minutes', 'events', 'found', 'false', 'sensitivity', 'precision', 'F1'].map((title) => ({
    title,
    isNumber: true,
  })),
];

function eventTable({ recordings, events }: RecordingsReport): string {
  const { toleranceStartSeconds, toleranceEndSeconds, minimumGapSeconds, maximumEventSeconds } = SZCORE_RULES;
  const rules = `SzCORE: merged below ${String(minimumGapSeconds)} s, split above ${String(maximumEventSeconds)} s, found from ${String(toleranceStartSeconds)} s before to ${String(toleranceEndSeconds)} s after`;
  const rows = recordings.flatMap(({ file, events: own }) => (own === undefined ? [] : [eventRow(file, own.figures)]));
  const total = events === undefined || rows.length < 2 ? [] : [eventRow('all', events.figures)];
  return `Events against annotations (${rules})\n${textTable(EVENT_COLUMNS, [...rows, ...total])}`;
}

function eventRow(name: string, figures: EventFigures): readonly string[] {
  const { nReference, nHits, nFalse, sensitivity, precision, f1, recordedSeconds } = figures;
  return [
    name,
    figureText(recordedSeconds / 60, 1),
    String(nReference),
    String(nHits),
    String(nFalse),
    figureText(sensitivity, 2),
    figureText(precision, 2),
    figureText(f1, 2),
  ];
}

function eventSummary(figures: EventFigures, samples: Counts & Rates): string {
  const { nReference, nHits, nFalse, sensitivity, sensitivityInterval, precision, precisionInterval } = figures;
  const { falsePerDay, falsePerBackgroundHour, recordedSeconds, backgroundSeconds } = figures;
  const minutes = (seconds: number): string => `${(seconds / 60).toFixed(1)} minutes`;
  const rows = [
    [
      'sensitivity',
      intervalText(sensitivity, sensitivityInterval, 3),
      `${String(nHits)} of ${String(nReference)} events`,
    ],
    ['precision', intervalText(precision, precisionInterval, 3), `${String(nHits)} found, ${String(nFalse)} false`],
    ['F1', figureText(figures.f1, 3), ''],
    ['false alarms per 24 h', intervalText(falsePerDay?.value, falsePerDay, 1), `rests on ${minutes(recordedSeconds)}`],
    [
      'false alarms per hour without events',
      intervalText(falsePerBackgroundHour?.value, falsePerBackgroundHour, 2),
      `rests on ${minutes(backgroundSeconds)}`,
    ],
    ['by seconds: sensitivity', figureText(samples.sensitivity, 3), ''],
    ['by seconds: precision', figureText(samples.precision, 3), ''],
    ['by seconds: F1', figureText(samples.f1, 3), ''],
  ];
  return textTable([{ title: 'all recordings' }, { title: '(95 % interval)' }, { title: '' }], rows);
}

function chirpTable(entries: readonly (readonly [string, ChirpFigures])[], { seconds, hz }: ChirpTolerance): string {
  const row = (title: string, cell: (figures: ChirpFigures) => string): readonly string[] => [
    title,
    ...entries.map(([, figures]) => cell(figures)),
  ];
  const error = (title: string, unit: string, pick: (figures: ChirpFigures) => ErrorFigures): readonly string[] =>
    row(`${title} error: median, 95 % below`, (figures) => {
      const { median, p95 } = pick(figures);
      return `${figureText(median, 2)}, ${figureText(p95, 2)} ${unit}`;
    });
  const rows = [
    row('labelled chirps', ({ nLabels }) => String(nLabels)),
    row('events', ({ nEvents }) => String(nEvents)),
    row('found', ({ nFound }) => String(nFound)),
    row('recall', ({ sensitivity, sensitivityInterval }) => intervalText(sensitivity, sensitivityInterval, 3)),
    row('precision', ({ precision, precisionInterval }) => intervalText(precision, precisionInterval, 3)),
    row('F1', ({ f1 }) => figureText(f1, 3)),
    row('labels with an event at their time', ({ errors }) => String(errors.onsetSeconds.n)),
    error('onset', 's', ({ errors }) => errors.onsetSeconds),
    error('offset', 's', ({ errors }) => errors.offsetSeconds),
    error('start frequency', 'Hz', ({ errors }) => errors.startHz),
    error('end frequency', 'Hz', ({ errors }) => errors.endHz),
    row(
      'empty stretches',
      ({ nEmpties, emptySeconds }) => `${String(nEmpties)}, ${(emptySeconds / 60).toFixed(1)} min`,
    ),
    row('empty stretches hit', ({ nEmptiesHit, emptiesHit }) => `${String(nEmptiesHit)} (${shareText(emptiesHit)})`),
  ];
  const heading = `Chirps against labels (onset within ${String(seconds)} s, frequencies within ${String(hz)} Hz)`;
  const columns = [{ title: '' }, ...entries.map(([name]) => ({ title: name, isNumber: true }))];
  return `${heading}\n${textTable(columns, rows)}`;
}
