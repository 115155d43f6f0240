import { isDeepStrictEqual } from 'node:util';
import type { ComparedChirp } from './compared-chirp.js';

export interface ChangedField {
  readonly name: string;
  readonly original: unknown;
  readonly found: unknown;
}

/** What became of one chirp. */
export interface ChirpComparison {
  /** `missing`: of the original alone; `added`: found alone. */
  readonly what: 'same' | 'changed' | 'missing' | 'added';
  /** As the original has it, where it does. */
  readonly chirp: ComparedChirp;
  readonly changes: readonly ChangedField[];
}

/**
 * Compares the chirps that were found with those of the original. The same id is the same chirp; of the others, those of
 * one band profile that share most of their time are one that has changed.
 * @returns in the order of onsets
 */
export function compareChirps(
  original: readonly ComparedChirp[],
  found: readonly ComparedChirp[],
): readonly ChirpComparison[] {
  const left = new Set(found);
  const take = (chirp: ComparedChirp | undefined): ComparedChirp | undefined => {
    if (chirp !== undefined) left.delete(chirp);
    return chirp;
  };
  const byId = original.map((chirp) => take([...left].find(({ id }) => id === chirp.id)));
  const pairs = original.map((chirp, i) => byId[i] ?? take([...left].find((other) => sharesTime(chirp, other))));
  return [
    ...original.map((chirp, i) => comparison(chirp, pairs[i])),
    ...[...left].map((chirp): ChirpComparison => ({ what: 'added', chirp, changes: [] })),
  ].sort((a, b) => a.chirp.onsetTimeMicros - b.chirp.onsetTimeMicros);
}

function comparison(chirp: ComparedChirp, found: ComparedChirp | undefined): ChirpComparison {
  if (found === undefined) return { what: 'missing', chirp, changes: [] };
  const names = Object.keys(chirp.fields).filter((name) => name in found.fields);
  // Fields that only one telling has, such as `mergedInto`, differ where they are there.
  const oneSided = ['mergedInto'].filter((name) => name in chirp.fields !== name in found.fields);
  const changes = [
    ...(chirp.id === found.id ? [] : [{ name: 'id', original: chirp.id, found: found.id }]),
    ...[...names, ...oneSided]
      .map((name) => ({ name, original: chirp.fields[name], found: found.fields[name] }))
      .filter((field) => !isDeepStrictEqual(field.original, field.found)),
  ];
  return { what: changes.length === 0 ? 'same' : 'changed', chirp, changes };
}

function sharesTime(a: ComparedChirp, b: ComparedChirp): boolean {
  if (
    a.bed !== b.bed ||
    a.profile !== b.profile ||
    a.offsetTimeMicros === undefined ||
    b.offsetTimeMicros === undefined
  )
    return false;
  const shared = Math.min(a.offsetTimeMicros, b.offsetTimeMicros) - Math.max(a.onsetTimeMicros, b.onsetTimeMicros);
  const shorter = Math.min(a.offsetTimeMicros - a.onsetTimeMicros, b.offsetTimeMicros - b.onsetTimeMicros);
  return shared > shorter / 2;
}
