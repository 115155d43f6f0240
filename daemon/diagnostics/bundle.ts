import { gzipSync } from 'node:zlib';
import { writeFileSync } from 'node:fs';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import type { Config } from '../config/schema.js';
import type { Finding } from '../doctor/finding.js';
import { hiddenNames, moreBeds } from './hidden-names.js';
import { metricsText } from './metrics-text.js';
import { recentLog } from './recent-log.js';
import { Redactor } from './redactor.js';
import { systemFacts } from './system-facts.js';
import { type ArchivedFile, tarOf } from './tar.js';

/** What a running daemon answered, or why it did not. */
export type DaemonSays =
  { readonly health: object; readonly alarms: object; readonly metrics: string } | { readonly silence: string };

export interface BundleOptions {
  readonly version: string;
  /** Undefined where it cannot be read. */
  readonly config: Config | undefined;
  readonly findings: readonly Finding[];
  readonly daemon: DaemonSays;
  readonly dataDirectory: string;
  /** File of the daemon's log; left out: the journal of systemd. */
  readonly logFile: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const FOLDER = 'chirpd-diagnostics';

/** Everything that helps to find out what is wrong, and nothing about a patient: README.md has the rules. */
export async function diagnosticsBundle(options: BundleOptions): Promise<readonly ArchivedFile[]> {
  const { version, config, findings, daemon, dataDirectory, logFile, env } = options;
  const known = hiddenNames(config, env);
  const redactor = new Redactor([...known, ...moreBeds(known, 'health' in daemon ? bedsOf(daemon.health) : [])]);
  const json = (value: unknown): string => `${JSON.stringify(redactor.value(value), null, 2)}\n`;
  const said: readonly ArchivedFile[] =
    'silence' in daemon
      ? [{ name: 'daemon.txt', text: `${redactor.text(daemon.silence)}\n` }]
      : [
          { name: 'health.json', text: json(daemon.health) },
          { name: 'alarms.json', text: json(daemon.alarms) },
          { name: 'metrics.txt', text: metricsText(daemon.metrics, redactor) },
        ];
  const files = [
    { name: 'README.txt', text: README },
    { name: 'system.json', text: json({ version, ...systemFacts(dataDirectory) }) },
    { name: 'doctor.json', text: json(findings) },
    ...(config === undefined ? [] : [{ name: 'config.json', text: json(config) }]),
    ...said,
    { name: 'log.txt', text: await recentLog({ file: logFile, unit: 'chirpd', redactor }) },
  ];
  return files.map(({ name, text }) => ({
    name: `${FOLDER}/${name}`,
    text: name === 'README.txt' ? text : redactor.whole(text),
  }));
}

/** @throws ChirpdError SINK_FILE; a file that is there is not replaced */
export function writeBundle(path: string, files: readonly ArchivedFile[]): void {
  try {
    writeFileSync(path, gzipSync(tarOf(files, Date.now() / 1000)), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new ChirpdError('SINK_FILE', `cannot write ${path}: ${errorText(error)}`, { cause: error });
  }
}

function bedsOf(health: object): readonly string[] {
  const beds = 'beds' in health && Array.isArray(health.beds) ? (health.beds as readonly unknown[]) : [];
  return beds.flatMap((one) =>
    typeof one === 'object' && one !== null && 'bed' in one && typeof one.bed === 'string' ? [one.bed] : [],
  );
}

const README = `Diagnostics of a chirpd, made by \`chirpd doctor --bundle\`.

system.json   version, machine, disk, memory
doctor.json   what \`chirpd doctor\` found
config.json   the config, without what a person wrote into it
health.json, alarms.json, metrics.txt   what the running daemon says of itself (or daemon.txt: why it says nothing)
log.txt       the newest lines of its log

Beds have numbers in place of names (bed#1 is the first of the config). EEG, events, recordings, names, addresses, folders,
tokens and passwords are left out. Look at all of it before you send it to anybody: what stands in a text may still
mean something to somebody who knows your unit.
`;
