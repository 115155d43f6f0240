import { createHash } from 'node:crypto';
import type { ConfigMessage } from '../protocol/messages.js';
import type { TimelineDraft } from '../timeline/record.js';
import type { Timeline } from '../timeline/timeline.js';

/** Settings by their path, as JSON text: `beds[Bed 1].speed`. */
export type Settings = Readonly<Record<string, string>>;

/** What the timeline keeps of the config that it recorded last. */
interface KeptConfig {
  readonly digest: string;
  readonly settings: Settings;
}

const STATE_NAME = 'config';
const MAX_CHANGES = 100;
const MAX_VALUE_CHARACTERS = 120;
/** Last words of keys whose values nobody is told. */
const SECRET = /(?:(?:password|secret|token|credential|passphrase|apikey)s?|webhooks\[[^\]]*\]\.url)$/i;
const HIDDEN = 'hidden:';

/**
 * The record of a config that is not the one recorded last; undefined where it is. Values of secrets are compared by their
 * digest and never told.
 * @param config all settings, any plain object
 * @param version of chirpd, which counts as a setting
 */
export function configRecord(
  config: object,
  version: string,
  timeline: Pick<Timeline, 'states'>,
  nowMicros: number,
): TimelineDraft | undefined {
  const settings = settingsOf({ version, ...config });
  const digest = digestOf(JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))));
  const [kept] = timeline.states(STATE_NAME) as readonly KeptConfig[];
  if (kept?.digest === digest) return undefined;
  const changes = kept === undefined ? [] : changesBetween(kept.settings, settings);
  return {
    key: `config:${digest}:${String(nowMicros)}`,
    content: {
      type: 'config',
      bed: '',
      timeMicros: nowMicros,
      digest,
      isFirst: kept === undefined,
      changes: changes.slice(0, MAX_CHANGES),
      nChanges: changes.length,
    },
    state: { name: STATE_NAME, value: { digest, settings } satisfies KeptConfig },
  };
}

/** Every setting of a config. Of secrets there is a digest. */
export function settingsOf(config: object): Settings {
  const settings: Record<string, string> = {};
  flatten(config, '', settings);
  return settings;
}

/** The keys of which two configs say something else, in their order. */
export function changedKeys(before: Settings, after: Settings): readonly string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.filter((key) => before[key] !== after[key]);
}

function flatten(value: unknown, path: string, settings: Record<string, string>): void {
  if (value === undefined) return;
  if (isNamedList(value)) {
    for (const { name, ...rest } of value) flatten(rest, `${path}[${name}]`, settings);
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) flatten(inner, path === '' ? key : `${path}.${key}`, settings);
  } else {
    const text = JSON.stringify(value);
    settings[path] = SECRET.test(path) ? HIDDEN + digestOf(text) : text;
  }
}

function isNamedList(value: unknown): value is readonly { readonly name: string }[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (one: unknown) => typeof one === 'object' && one !== null && 'name' in one && typeof one.name === 'string',
    )
  );
}

function changesBetween(before: Settings, after: Settings): ConfigMessage['changes'] {
  return changedKeys(before, after).map((key) => ({
    key,
    ...(before[key] !== undefined && { before: told(before[key]) }),
    ...(after[key] !== undefined && { after: told(after[key]) }),
  }));
}

function told(text: string): string {
  if (text.startsWith(HIDDEN)) return '(hidden)';
  return text.length > MAX_VALUE_CHARACTERS ? `${text.slice(0, MAX_VALUE_CHARACTERS - 3)}...` : text;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
