import type { EventMessage } from '../../daemon/protocol/messages.js';

/**
 * Which derivations of a page a chirp was seen in: those of its names; in another montage, those that share an electrode
 * with them.
 */
export function involvedIn(
  { derivations: seen }: { readonly derivations: readonly Pick<EventMessage['derivations'][number], 'label'>[] },
  derivations: readonly string[],
): ReadonlySet<number> {
  const names = new Set(seen.map(({ label }) => label));
  const all = derivations.map((_, d) => d);
  const same = all.filter((d) => names.has(derivations[d] ?? ''));
  if (same.length > 0) return new Set(same);
  const electrodes = new Set([...names].flatMap(electrodesOf));
  return new Set(all.filter((d) => electrodesOf(derivations[d] ?? '').some((one) => electrodes.has(one))));
}

/** `F7-T7`: F7 and T7; `F7-avg`: F7. */
function electrodesOf(derivation: string): readonly string[] {
  return derivation.split('-').filter((name) => name !== '' && name !== 'avg');
}
