import { ChirpdError, type ErrorArea } from '../../pipelines/core/errors.js';

/** Every code that `chirpd` exits with. The README's table is checked against this one. */
export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  config: 3,
  input: 4,
  model: 5,
  storage: 6,
  network: 7,
  different: 8,
  unwell: 9,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: readonly { readonly code: ExitCode; readonly meaning: string }[] = [
  { code: EXIT.ok, meaning: 'done, or stopped by SIGINT or SIGTERM' },
  { code: EXIT.internal, meaning: 'an error inside chirpd: please report it' },
  { code: EXIT.usage, meaning: 'wrong command line' },
  { code: EXIT.config, meaning: 'wrong config' },
  { code: EXIT.input, meaning: 'a recording, device or table cannot be read, or gives no signal to look at' },
  { code: EXIT.model, meaning: 'the model cannot be loaded or does not run' },
  { code: EXIT.storage, meaning: 'the timeline or an output file cannot be opened or written' },
  { code: EXIT.network, meaning: 'the port is taken, or the daemon cannot be reached' },
  { code: EXIT.different, meaning: 'a replay told something else than its original (`--compare`)' },
  { code: EXIT.unwell, meaning: '`chirpd doctor` found something that has failed' },
];

const CODE_OF_AREA: Record<ErrorArea, ExitCode> = {
  CONFIG: EXIT.config,
  ACCESS: EXIT.network,
  ADAPTER: EXIT.input,
  RECORDING: EXIT.input,
  EDF: EXIT.input,
  BRAINVISION: EXIT.input,
  XDF: EXIT.input,
  OPENBCI: EXIT.input,
  CSV: EXIT.input,
  PUSH: EXIT.input,
  RAW: EXIT.input,
  LSL: EXIT.input,
  PIPELINE: EXIT.input,
  SCORE: EXIT.input,
  MODEL: EXIT.model,
  TIMELINE: EXIT.storage,
  JOURNAL: EXIT.storage,
  SINK: EXIT.storage,
  REPLAY: EXIT.input,
  SERVER: EXIT.network,
  SUBSCRIBE: EXIT.network,
  PROTOCOL: EXIT.network,
  ALARM: EXIT.network,
  LABEL: EXIT.network,
  USAGE: EXIT.usage,
};

export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof ChirpdError)) return EXIT.internal;
  return exitCodeOfText(error.message);
}

/** The code for the text of an error, which ends with its `[AREA_...]`. */
export function exitCodeOfText(text: string): ExitCode {
  const area = /\[([A-Z]+)_[A-Z0-9_]+\]/.exec(text)?.[1] ?? '';
  return Object.hasOwn(CODE_OF_AREA, area) ? CODE_OF_AREA[area as ErrorArea] : EXIT.internal;
}

export function exitCodesHelp(): string {
  const rows = EXIT_MEANINGS.map(({ code, meaning }) => `  ${String(code)}  ${meaning}`);
  return `\nExit codes:\n${rows.join('\n')}`;
}
