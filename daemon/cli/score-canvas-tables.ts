import type { CanvasReport, RegressionFigures } from '../score/canvas-report.js';
import { figureText, shareText } from './figure-text.js';
import { textTable } from './text-table.js';

export interface CanvasScore {
  readonly model: { readonly name: string; readonly adapter: string };
  readonly speed: {
    /** Reading and normalising included. */
    readonly canvasesPerSecond: number;
    /** In the model's run calls alone. */
    readonly modelCanvasesPerSecond: number;
    readonly provider: string;
  };
  /** Undefined where the truth is not known. */
  readonly report: CanvasReport | undefined;
  readonly n: number;
}

const COLUMNS = [
  { title: '' },
  { title: 'r', isNumber: true },
  { title: 'median error', isNumber: true },
  { title: '95 % below', isNumber: true },
  { title: 'bias', isNumber: true },
  { title: 'gross misses', isNumber: true },
];

/** How the model did on a stack of canvases, for people. */
export function canvasTables({ model, speed, report, n }: CanvasScore): string {
  const row = (name: string, figures: RegressionFigures, unit: string): readonly string[] => [
    name,
    figureText(figures.r, 4),
    `${figureText(figures.median, 3)} ${unit}`,
    `${figureText(figures.p95, 2)} ${unit}`,
    `${figureText(figures.bias, 3)} ${unit}`,
    `${shareText(figures.grossShare)} > ${String(figures.grossAbove)} ${unit}`,
  ];
  const figures =
    report &&
    textTable(COLUMNS, [
      row('start time', report.startTimeSeconds, 's'),
      row('start frequency', report.startFrequencyHz, 'Hz'),
      row('end frequency', report.endFrequencyHz, 'Hz'),
    ]);
  const rates = `${speed.canvasesPerSecond.toFixed(0)} canvases/s in all, ${speed.modelCanvasesPerSecond.toFixed(0)} canvases/s in the model (${speed.provider})`;
  return `${String(n)} canvases, model ${model.name}, adapter ${model.adapter}\n${figures ?? ''}${rates}\n`;
}
