import { homedir, hostname, userInfo } from 'node:os';
import type { Config } from '../config/schema.js';
import type { HiddenName } from './redactor.js';

/** Keys of a config whose texts are words of chirpd's own. */
const OWN_WORDS: ReadonlySet<string> = new Set(
  'kind kinds variant providers profiles montage authentication priority priorities units format daisy when input mainsHz timeZone host'.split(
    ' ',
  ),
);
const LEAST_CHARACTERS = 3;
/** Words of every log, which are nobody's. */
const COMMON: ReadonlySet<string> = new Set(['root', '/root', 'chirpd', 'localhost', 'autogen', 'admin']);

/** What must not be told, by what is known of it: the names of beds, and all that a person wrote into the config. */
export function hiddenNames(
  config: Config | undefined,
  env: Readonly<Record<string, string | undefined>>,
): readonly HiddenName[] {
  const beds = config?.beds.map(({ name }, i) => ({ name, as: `bed#${String(i + 1)}`, hasWords: true })) ?? [];
  return [...beds, ...settings(config), ...secrets(env), ...ofMachine()];
}

/** Pseudonyms of beds that only the running daemon knows. */
export function moreBeds(known: readonly HiddenName[], names: readonly string[]): readonly HiddenName[] {
  const others = names.filter((name) => !known.some((hidden) => hidden.name === name));
  return others.map((name, i) => ({ name, as: `bed#other${String(i + 1)}`, hasWords: true }));
}

function settings(config: Config | undefined): readonly HiddenName[] {
  const found: HiddenName[] = [];
  const visit = (value: unknown, key: string, path: string): void => {
    if (typeof value === 'string') {
      const isOpen = OWN_WORDS.has(key) || path === 'model.name' || value.startsWith('/dev/');
      if (!isOpen && value.length >= LEAST_CHARACTERS && !COMMON.has(value))
        found.push({ name: value, as: `(${path})` });
    } else if (Array.isArray(value)) {
      for (const one of value) visit(one, key, path);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) visit(inner, name, path === '' ? name : `${path}.${name}`);
    }
  };
  const { beds = [], ...rest } = config ?? {};
  for (const bed of beds) visit({ ...bed, name: undefined }, '', 'beds');
  visit(rest, '', '');
  return found;
}

function secrets(env: Readonly<Record<string, string | undefined>>): readonly HiddenName[] {
  return Object.entries(env).flatMap(([name, value = '']) =>
    name.startsWith('CHIRPD_') && value.length >= LEAST_CHARACTERS ? [{ name: value, as: `($${name})` }] : [],
  );
}

function ofMachine(): readonly HiddenName[] {
  const names = [
    { name: hostname(), as: '(host)' },
    { name: homedir(), as: '(home)' },
    { name: accountName(), as: '(account)' },
  ];
  return names.filter(({ name }) => name.length >= LEAST_CHARACTERS && !COMMON.has(name));
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without an entry, as in some containers.
    return '';
  }
}
