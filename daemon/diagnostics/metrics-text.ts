import { LEFT_OUT, type Redactor } from './redactor.js';

/** Labels whose values are words of chirpd's own. */
const OPEN_LABELS: ReadonlySet<string> = new Set(
  'version model provider state kind priority acknowledged code le quantile'.split(' '),
);

/** The text format of Prometheus, with other labels. */
export function metricsText(text: string, redactor: Redactor): string {
  const lines = text.split('\n').map((line) => {
    if (line.startsWith('#')) return line;
    return line.replaceAll(/(\w+)="((?:[^"\\]|\\.)*)"/g, (_, label: string, value: string) => {
      if (value === '' || OPEN_LABELS.has(label)) return `${label}="${value}"`;
      const told = redactor.value(value, label);
      return `${label}="${typeof told === 'string' ? told : LEFT_OUT}"`;
    });
  });
  return lines.join('\n');
}
