#!/usr/bin/env node
import { runCli } from './cli/program.js';
import type { TextOutput } from './cli/context.js';
import { EXIT } from './cli/exit-codes.js';
import { packageVersion } from './package-root.js';
import { ERROR_LEVEL, journalLines, leadsToJournal } from './service/journal-lines.js';

/** SIGTERM to exit; what hangs longer is left behind. */
const STOP_TIMEOUT_MS = 4500;
/** Ctrl-C can reach the process twice, from the terminal and through npm: only a later one is a second one. */
const SAME_SIGNAL_MS = 300;

// onnxruntime 1.29 and later report their use, models and hashes to their makers unless this is set before they are loaded;
// child processes inherit it. A daemon beside a patient reports to nobody.
process.env['ORT_DISABLE_TELEMETRY'] = '1';

const verbose = process.argv.includes('--verbose');
const logsToJournal = leadsToJournal(2, process.env);
const stop = new AbortController();
let stopRequestedMs: number | undefined;

function requestStop(): void {
  if (stopRequestedMs !== undefined) {
    if (performance.now() - stopRequestedMs > SAME_SIGNAL_MS) process.exit(EXIT.internal);
    return;
  }
  stopRequestedMs = performance.now();
  setTimeout(() => {
    process.stderr.write('chirpd: stopping takes too long; exiting without the rest\n');
    process.exit(EXIT.internal);
  }, STOP_TIMEOUT_MS).unref();
  stop.abort();
}

let reload: (() => void) | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, requestStop);
process.on('SIGHUP', () => {
  if (reload === undefined) requestStop();
  else if (stopRequestedMs === undefined) reload();
});

function crash(error: unknown): void {
  const text = error instanceof Error ? (verbose ? (error.stack ?? error.message) : error.message) : String(error);
  const told = `chirpd: ${text} (an error inside chirpd${verbose ? '' : '; --verbose shows where'})\n`;
  process.stderr.write(logsToJournal ? journalLines(told, ERROR_LEVEL) : told);
  process.exit(EXIT.internal);
}

process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);

function output(stream: NodeJS.WriteStream, journal: boolean): TextOutput {
  // The reader has gone (`chirpd tail | head`): there is nobody left to work for.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    // The terminal was closed, which says SIGHUP as well.
    if (error.code !== 'EIO' && error.code !== 'ERR_STREAM_DESTROYED') crash(error);
    else if (stopRequestedMs === undefined) requestStop();
  });
  return {
    isTTY: stream.isTTY,
    journal,
    get columns() {
      return stream.isTTY ? stream.columns : 100;
    },
    write: (text) => {
      stream.write(text);
    },
  };
}

const exitCode = await runCli(process.argv.slice(2), {
  version: packageVersion(),
  stdout: output(process.stdout, leadsToJournal(1, process.env)),
  stderr: output(process.stderr, logsToJournal),
  stdin: () => process.stdin,
  folder: process.cwd(),
  env: process.env,
  stop: stop.signal,
  onReload: (listener) => {
    reload = listener;
  },
});
process.exit(exitCode);
