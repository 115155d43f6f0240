import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { errorText } from '../../pipelines/core/errors.js';
import { LEFT_OUT, type Redactor } from './redactor.js';

const LINES = 3000;
const LIMIT_MS = 15_000;
const MAX_BYTES = 64 << 20;

export interface RecentLogOptions {
  /** File of lines that the daemon wrote; left out: what the journal of systemd has of the service. */
  readonly file: string | undefined;
  readonly unit: string;
  readonly redactor: Redactor;
}

/** The newest lines of the daemon's log, or why there are none. */
export async function recentLog({ file, unit, redactor }: RecentLogOptions): Promise<string> {
  try {
    const lines = file === undefined ? await journal(unit) : readFileSync(file, 'utf8').split('\n');
    const told = lines.filter((line) => line !== '').slice(-LINES);
    if (told.length === 0) return `no lines${file === undefined ? `: the journal has none of ${unit}` : ''}\n`;
    return `${told.map((line) => lineText(line, redactor)).join('\n')}\n`;
  } catch (error) {
    const advice = file === undefined ? '; --log FILE takes the lines of a file' : '';
    return redactor.text(`the log cannot be read: ${errorText(error)}${advice}\n`);
  }
}

/** `2026-11-28T12:00:00.123Z <3>` before each message. */
async function journal(unit: string): Promise<readonly string[]> {
  const args = ['-u', unit, '-n', String(LINES), '--no-pager', '-o', 'json', '--output-fields=MESSAGE,PRIORITY'];
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile('journalctl', args, { timeout: LIMIT_MS, maxBuffer: MAX_BYTES }, (error, text) => {
      if (error === null) resolve(text);
      else reject(new Error(`journalctl: ${error.message.split('\n')[0] ?? ''}`));
    });
  });
  return stdout.split('\n').flatMap((line) => {
    if (line === '') return [];
    const { MESSAGE, PRIORITY, __REALTIME_TIMESTAMP: micros } = JSON.parse(line) as Record<string, unknown>;
    const time = new Date(Number(micros) / 1000).toISOString();
    // What holds other bytes than text comes as a list of numbers.
    return typeof MESSAGE === 'string' ? [`${time} <${String(PRIORITY)}> ${MESSAGE}`] : [];
  });
}

/** Fields behind the message: `bed="ICU 3" code=4429 passedOver=[...]`. */
const FIELD = / (\w+)=("(?:[^"\\]|\\.)*"|\[[^\]]*\]|\{[^}]*\}|\S+)/g;

function lineText(line: string, redactor: Redactor): string {
  if (line.startsWith('{')) {
    try {
      return JSON.stringify(redactor.value(withoutTime(JSON.parse(line))));
    } catch {
      // Some other line that begins like one.
    }
  }
  const fields: string[] = [];
  const message = line.replaceAll(FIELD, (_, key: string, value: string) => {
    fields.push(` ${key}=${fieldText(key, value, redactor)}`);
    return '';
  });
  return redactor.text(message) + fields.join('');
}

/** When a line was written says nothing about anybody, and is what one looks for. */
function withoutTime(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'time' in value && typeof value.time === 'string'
    ? { ...value, time: Date.parse(value.time) }
    : value;
}

function fieldText(key: string, value: string, redactor: Redactor): string {
  try {
    return JSON.stringify(redactor.value(JSON.parse(value), key));
  } catch {
    // A word without quotes.
  }
  const told = redactor.value(value, key);
  return typeof told === 'string' ? told : LEFT_OUT;
}
