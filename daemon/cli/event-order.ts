import type { ChirpEvent } from '../../pipelines/core/event.js';
import type { ProfileName } from '../../pipelines/core/profile.js';
import type { EventMessage } from '../protocol/messages.js';

/** Names one telling of one chirp. */
export function tellingKey({ id, revision }: { readonly id: string; readonly revision: number }): string {
  return `${id}:${String(revision)}`;
}

/** Whose events come in an order of their own: a bed's, as one band profile shows them. */
export interface Lane {
  readonly bed: string;
  readonly profile: ProfileName;
}

interface LaneTellings extends Lane {
  /** Tellings that were announced and are not passed on yet, in order. */
  readonly waiting: string[];
  ended: boolean;
}

/**
 * Puts events into an order that depends on the recordings alone: lane after lane, each lane's events as they were
 * told. An event goes on when it is in the timeline and everything before it has gone on.
 */
export class EventOrder {
  readonly #emit: (event: EventMessage) => void;
  readonly #lanes: readonly LaneTellings[];
  /** Committed events whose turn has not come. */
  readonly #committed = new Map<string, EventMessage>();

  constructor(lanes: readonly Lane[], emit: (event: EventMessage) => void) {
    this.#lanes = lanes.map((lane) => ({ ...lane, waiting: [], ended: false }));
    this.#emit = emit;
  }

  /** A bed has an event, which will be committed. */
  announce(event: ChirpEvent): void {
    this.#lane(event)?.waiting.push(tellingKey(event));
  }

  /** An event is in the timeline. One that nobody announced is another's. */
  commit(event: EventMessage): void {
    const key = tellingKey(event);
    if (this.#lane(event)?.waiting.includes(key) !== true) return;
    this.#committed.set(key, event);
    this.#flush();
  }

  /** A bed announces no more. */
  end(bed: string): void {
    for (const lane of this.#lanes) if (lane.bed === bed) lane.ended = true;
    this.#flush();
  }

  /** Announced tellings that are not known to be committed. */
  missing(): readonly string[] {
    return this.#lanes.flatMap(({ waiting }) => waiting.filter((key) => !this.#committed.has(key)));
  }

  /** Passes on all that is committed, whether or not something before it is missing. */
  finish(): void {
    for (const { waiting } of this.#lanes) {
      for (const key of waiting.splice(0)) this.#pass(key);
    }
  }

  #lane({ bed, profile }: Lane): LaneTellings | undefined {
    return this.#lanes.find((lane) => lane.bed === bed && lane.profile === profile);
  }

  #flush(): void {
    for (const { waiting, ended } of this.#lanes) {
      while (waiting[0] !== undefined && this.#committed.has(waiting[0])) this.#pass(waiting.shift()!);
      if (!ended || waiting.length > 0) return;
    }
  }

  #pass(key: string): void {
    const event = this.#committed.get(key);
    this.#committed.delete(key);
    if (event !== undefined) this.#emit(event);
  }
}
