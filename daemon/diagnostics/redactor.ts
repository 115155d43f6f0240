import { bedFolderName } from '../recording/file-name.js';

/** Something that must not be in a bundle, and what stands in its place. */
export interface HiddenName {
  readonly name: string;
  readonly as: string;
  /** Of a name of a bed or person its words count, too: a file may be called after a part of it. */
  readonly hasWords?: boolean;
}

/** From so many characters on a name is looked for inside of words, too; a shorter one would be found everywhere. */
const INSIDE_WORDS = 4;
/** Words of a name are hidden by themselves from so many characters on. */
const LONE_WORD = 5;

/** What a bundle may say for each hidden key. */
export const LEFT_OUT = '(left out)';

const PSEUDONYM = /^bed#\w+$/i;

/** Values of these keys are words of chirpd's own, or say nothing about anybody. */
const OPEN_KEYS: ReadonlySet<string> = new Set(
  [
    'kind kinds variant provider providers profiles profile montage authentication priority priorities level state',
    'code version sha256 derivations label daisy when input units format speed mainsHz timeZone status node arch',
    'platform release libc cpu engine mode role adapterSha256 what rule sweep',
  ].flatMap((words) => words.split(' ')),
);
/** Values of these are texts of chirpd's own that may quote something. */
const TEXT_KEYS: ReadonlySet<string> = new Set(
  'reason reasons text stateText problem failure error message msg advice passedOver'.split(' '),
);
/** Of a recording, these tell the day on which a patient was seen. */
const TIMES_OF_STREAMS: ReadonlySet<string> = new Set(['startTimeMicros', 'newestTimeMicros', 'endTimeMicros']);

/** Takes out of texts and values whatever may speak of a patient, a person, a place or a secret: what is not known to be harmless goes. */
export class Redactor {
  readonly #pattern: RegExp;
  readonly #inside: RegExp;
  /** By the name in lower case. */
  readonly #as = new Map<string, string>();

  constructor(names: readonly HiddenName[]) {
    for (const hidden of names) {
      for (const variant of variantsOf(hidden)) {
        const key = variant.toLowerCase();
        if (!this.#as.has(key)) this.#as.set(key, hidden.as);
      }
    }
    const variants = [...this.#as.keys()];
    this.#pattern = patternOf(variants);
    this.#inside = patternOf(variants.filter((name) => name.length >= INSIDE_WORDS));
  }

  /** A text of chirpd's own, such as a line of its log. */
  text(text: string): string {
    return this.names(
      text
        .replaceAll(/chirpd_[\w-]{20,}/g, '(token)')
        .replaceAll(/\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH) [^\s,;]+/g, '$1 (address)')
        .replaceAll(/\b(bearer|basic) +[^\s"',;]+/gi, '$1 (hidden)')
        .replaceAll(/\b(\w+):\/\/[^\s"'<>)]+/g, '$1://(address)')
        .replaceAll(/[^\s@"'<>]+@[^\s@"'<>]+\.\w+/g, '(mail)')
        .replaceAll(/"(?:[^"\\]|\\.)*"/g, `"${LEFT_OUT}"`)
        .replaceAll(/\u201c[^\u201d]*\u201d/g, LEFT_OUT)
        .replaceAll(/(?<![\w.)])(?:~|\.{1,2})?\/[^\s:;,"'()]+/g, pathText)
        .replaceAll(/(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])/g, addressText),
    );
  }

  /** Names alone. */
  names(text: string): string {
    return text.replace(this.#pattern, (found) => this.#pseudonym(found));
  }

  /** A whole file once more. Short names, which may be figures of it, are not looked for. */
  whole(text: string): string {
    return text.replace(this.#inside, (found) => this.#pseudonym(found));
  }

  #pseudonym(found: string): string {
    // Letters that have no one lower case are hidden all the same.
    return PSEUDONYM.test(found) ? found : (this.#as.get(found.toLowerCase()) ?? LEFT_OUT);
  }

  /** Any value of JSON, by the names of its keys. */
  value(value: unknown, key = ''): unknown {
    if (typeof value === 'string') return this.#string(value, key);
    if (Array.isArray(value)) return value.map((one) => this.value(one, key));
    if (typeof value !== 'object' || value === null) return TIMES_OF_STREAMS.has(key) ? LEFT_OUT : value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [this.names(name), this.value(inner, name)]),
    );
  }

  #string(value: string, key: string): string {
    if (value === '' || OPEN_KEYS.has(key)) return this.names(value);
    if (TEXT_KEYS.has(key)) return this.text(value);
    if (key === 'port' && value.startsWith('/dev/')) return this.names(value);
    if (key === 'host') return addressText(value);
    if (key === 'url' || /^https?:\/\//.test(value)) return value.replace(/^(\w+):\/\/.*$/s, '$1://(address)');
    // A bed is told by its pseudonym.
    const named = this.names(value);
    return named !== value && /^\(?[\w#. -]+\)?$/.test(named) && !sharesWord(named, value) ? named : LEFT_OUT;
  }
}

function sharesWord(named: string, value: string): boolean {
  const words = new Set(value.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []);
  return (named.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []).some((word) => words.has(word) && word !== 'bed');
}

function variantsOf({ name, hasWords = false }: HiddenName): readonly string[] {
  const trimmed = name.trim();
  if (trimmed === '') return [];
  const json = JSON.stringify(trimmed).slice(1, -1);
  const whole = [trimmed, json, encodeURIComponent(trimmed)];
  if (!hasWords) return [...new Set([...whole, ...fileNames(trimmed), ...partsOfAddress(trimmed)])];
  const words = (trimmed.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length >= LONE_WORD);
  return [...new Set([...whole, bedFolderName(trimmed), ...words])];
}

/** `/eeg/night.edf` may be told as `night.edf`, or as `night`. */
function fileNames(path: string): readonly string[] {
  if (!path.includes('/')) return [];
  const file = path.split('/').at(-1) ?? '';
  return [file, file.replace(/\.\w+$/, '')].filter((name) => name.length >= INSIDE_WORDS);
}

/** The host may be told alone, and what stands behind it be a secret. */
function partsOfAddress(text: string): readonly string[] {
  if (!URL.canParse(text) || !text.includes('://')) return [];
  const { hostname, host, username, password, pathname, searchParams } = new URL(text);
  const parts = [hostname, host, username, password, ...pathname.split('/'), ...searchParams.values()];
  return parts.filter((part) => part.length >= INSIDE_WORDS && !/^(?:127\.|localhost)/.test(part));
}

/** Finds any of the names, the longest first: `Bed 1` must not make half of `Bed 12` unknown. Pseudonyms are found as they are. */
function patternOf(names: readonly string[]): RegExp {
  const alternatives = [...names]
    .sort((a, b) => b.length - a.length)
    .map((name) => {
      const escaped = name.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
      return name.length < INSIDE_WORDS ? String.raw`(?<![\p{L}\p{N}])${escaped}(?![\p{L}\p{N}])` : escaped;
    });
  return new RegExp([String.raw`bed#\w+`, ...alternatives].join('|'), 'giu');
}

/** Where it leads, and not what lies there: folders and files are called after beds and patients. */
function pathText(path: string): string {
  if (/^\/(?:dev|proc|sys|usr)\//.test(path)) return path;
  const [, first = ''] = path.split('/');
  const ending = /\.[A-Za-z]{1,8}$/.exec(path)?.[0] ?? '';
  return ['etc', 'var', 'opt', 'run', 'tmp'].includes(first) ? `/${first}/(path)${ending}` : `(path)${ending}`;
}

/** Whether it is this machine, everybody or somebody else tells enough. */
function addressText(address: string): string {
  return /^(?:127\.|0\.0\.0\.0$|::1?$|localhost$)/.test(address) ? address : '(address)';
}
