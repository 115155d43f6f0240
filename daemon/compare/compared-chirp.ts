import type { EventMessage } from '../protocol/messages.js';

/** A chirp as one side tells it. */
export interface ComparedChirp {
  readonly bed: string;
  readonly id: string;
  readonly profile: string;
  readonly onsetTimeMicros: number;
  /** Undefined where it is not known. */
  readonly offsetTimeMicros: number | undefined;
  /** What is compared, by name. Only what both sides know. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What depends on when and where a run took place. */
const NOT_COMPARED: ReadonlySet<string> = new Set<keyof EventMessage>([
  'type',
  'id',
  'bed',
  'cursor',
  'toldTimeMicros',
  'delayMs',
  'replay',
]);

/** Chirps of events, each with all that was told of it: its last telling by fields, those before in one. */
export function toldChirps(events: readonly EventMessage[]): readonly ComparedChirp[] {
  const chirps = new Map<string, EventMessage[]>();
  for (const event of events) {
    const key = `${event.bed}\n${event.id}`;
    chirps.set(key, [...(chirps.get(key) ?? []).filter(({ revision }) => revision !== event.revision), event]);
  }
  return [...chirps.values()].map((unsorted) => {
    const tellings = unsorted.sort((a, b) => a.revision - b.revision);
    const last = tellings.at(-1)!;
    const { bed, id, profile, onsetTimeMicros, offsetTimeMicros } = last;
    const earlier = tellings.slice(0, -1).map(comparedFields);
    return { bed, id, profile, onsetTimeMicros, offsetTimeMicros, fields: { ...comparedFields(last), earlier } };
  });
}

function comparedFields(event: EventMessage): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(event).filter(([name]) => !NOT_COMPARED.has(name)));
}
