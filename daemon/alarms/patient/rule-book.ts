import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import { ChirpdError } from '../../../pipelines/core/errors.js';
import type { AlarmRulesChange, BedAlarmRules } from '../../protocol/alarm-rules.js';
import type { BedInfo } from '../../protocol/messages.js';
import type { AppendQueue } from '../../timeline/append-queue.js';
import type { Timeline } from '../../timeline/timeline.js';
import { nowMicros } from '../alarm-entry.js';
import { alarmRulesSchema, type AlarmRule } from './alarm-rule.js';

export interface RuleBookOptions {
  readonly timeline: Pick<Timeline, 'states' | 'listen'>;
  readonly appendQueue: Pick<AppendQueue, 'add'>;
  /** Whether the config has a bed. */
  readonly hasBed: (bed: string) => boolean;
  /** What the config says of a bed. */
  readonly configuredRulesOf: (bed: string) => BedAlarmRules['configured'];
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** Who changes rules, and why. */
export type ChangedBy = Pick<AlarmRulesChange, 'name' | 'note' | 'token'>;

const STATE_PREFIX = 'rules:';
const DIGEST_CHARACTERS = 12;

/** What the timeline keeps of a bed whose rules somebody has changed, beside the record of that. */
const keptSchema = z.object({
  bed: z.string(),
  /** So many changes so far. */
  nChanges: z.int().min(1),
  /** Null: withdrawn, the config's are in force. */
  rules: alarmRulesSchema.nullable(),
  what: z.enum(['changed', 'withdrawn']),
  name: z.string(),
  note: z.string(),
  token: z.string().optional(),
  timeMicros: z.int(),
  /** Digest of what the config said then. */
  configured: z.string(),
});
type Kept = z.output<typeof keptSchema>;

/**
 * The alarm rules of each bed: what the config says, or what a person has put in their place, which stays until somebody
 * withdraws it, over restarts and changes of the config. Changes stand in the timeline, and their outcome beside them.
 */
export class RuleBook {
  readonly #options: RuleBookOptions;
  readonly #kept = new Map<string, Kept>();
  /** ETags whose record is not in the timeline yet, by bed. */
  readonly #unstored = new Map<string, string>();
  /** Calls of `stored` that wait. */
  readonly #waiting = new Set<() => void>();
  readonly #unlisten: () => void;
  #onChange: (bed: string, because: string) => void = () => undefined;
  #isStopped = false;

  /** Takes up what was in force when the timeline was last written. */
  constructor(options: RuleBookOptions) {
    this.#options = options;
    for (const state of options.timeline.states(STATE_PREFIX)) this.#takeUp(state);
    this.#unlisten = options.timeline.listen((messages) => {
      for (const message of messages) {
        if (message.type !== 'alarmRules' || this.#unstored.get(message.bed) !== message.etag) continue;
        this.#unstored.delete(message.bed);
        for (const look of this.#waiting) look();
      }
    });
  }

  /** Who is told of each change, once the rules are in force. */
  set onChange(onChange: (bed: string, because: string) => void) {
    this.#onChange = onChange;
  }

  /** The rules in force. */
  rulesOf(bed: string): readonly AlarmRule[] {
    return this.#kept.get(bed)?.rules ?? this.#options.configuredRulesOf(bed).rules;
  }

  /** @throws ChirpdError PROTOCOL_NOT_FOUND where the config has no such bed */
  get(bed: string): BedAlarmRules {
    if (!this.#options.hasBed(bed)) {
      throw new ChirpdError('PROTOCOL_NOT_FOUND', `There is no live bed "${bed.slice(0, 64)}"`);
    }
    const configured = this.#options.configuredRulesOf(bed);
    const kept = this.#kept.get(bed);
    const isPersons = kept !== undefined && kept.rules !== null;
    return {
      bed,
      etag: this.#etagOf(bed),
      rules: this.rulesOf(bed),
      source: isPersons ? 'person' : configured.source,
      lastChange: kept === undefined ? null : lastChangeOf(kept),
      configured,
      isConfigChanged: isPersons && kept.configured !== digestOf(configured.rules),
      isStored: !this.#unstored.has(bed),
    };
  }

  /** What is told of a bed whose rules are a person's. */
  tagOf(bed: string): BedInfo['alarmRules'] {
    const kept = this.#kept.get(bed);
    if (kept === undefined || kept.rules === null) return undefined;
    const { name, note, timeMicros } = kept;
    return { name, note, timeMicros, etag: this.#etagOf(bed) };
  }

  /** Puts rules in force. @throws ChirpdError PROTOCOL_NOT_FOUND, ALARM_STOPPING */
  change(bed: string, rules: readonly AlarmRule[], by: ChangedBy): BedAlarmRules {
    return this.#put(bed, rules, by);
  }

  /** Puts those of the config back in force, where a person's are. @throws ChirpdError PROTOCOL_NOT_FOUND, ALARM_STOPPING */
  withdraw(bed: string, by: ChangedBy): BedAlarmRules {
    const now = this.get(bed);
    return now.source === 'person' ? this.#put(bed, null, by) : now;
  }

  /** Resolves with true when the last change of a bed is in the timeline, with false after `timeoutMs`. */
  async stored(bed: string, timeoutMs: number): Promise<boolean> {
    if (!this.#unstored.has(bed)) return true;
    return new Promise((resolve) => {
      const finish = (isStored: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(isStored);
      };
      const timer = setTimeout(finish, timeoutMs, false);
      const look = (): void => {
        if (!this.#unstored.has(bed)) finish(true);
      };
      this.#waiting.add(look);
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#unlisten();
  }

  #put(bed: string, rules: readonly AlarmRule[] | null, { name, note, token }: ChangedBy): BedAlarmRules {
    const { rules: rulesBefore, configured } = this.get(bed);
    if (this.#isStopped) {
      throw new ChirpdError('ALARM_STOPPING', 'The daemon is stopping: change the rules after its restart');
    }
    const kept: Kept = {
      ...{ bed, nChanges: (this.#kept.get(bed)?.nChanges ?? 0) + 1, rules: rules === null ? null : [...rules] },
      ...{ what: rules === null ? 'withdrawn' : 'changed', name, note },
      ...(token !== undefined && { token }),
      ...{ timeMicros: nowMicros(), configured: digestOf(configured.rules) },
    };
    this.#kept.set(bed, kept);
    const etag = this.#etagOf(bed);
    this.#unstored.set(bed, etag);
    this.#options.appendQueue.add({
      key: `rules:${bed}:${String(kept.nChanges)}:${String(kept.timeMicros)}`,
      content: { type: 'alarmRules', bed, ...lastChangeOf(kept), etag, rules: this.rulesOf(bed), rulesBefore },
      state: { name: STATE_PREFIX + bed, value: kept },
    });
    this.#options.log.info({ bed, name, note, etag }, `Alarm rules ${kept.what}`);
    this.#onChange(bed, `${name} changed the alarm rules`);
    return this.get(bed);
  }

  #etagOf(bed: string): string {
    return `${String(this.#kept.get(bed)?.nChanges ?? 0)}-${digestOf(this.rulesOf(bed))}`;
  }

  #takeUp(state: unknown): void {
    const { log, hasBed } = this.#options;
    const { success, data: kept, error } = keptSchema.safeParse(state);
    if (!success) {
      log.error(
        { state, error: z.prettifyError(error) },
        "A person's alarm rules cannot be read: those of the config are in force",
      );
      return;
    }
    this.#kept.set(kept.bed, kept);
    if (kept.rules === null) return;
    const { bed, name, timeMicros } = kept;
    const since = new Date(timeMicros / 1000).toISOString();
    if (!hasBed(bed)) {
      log.warn({ bed, name, since }, "There are a person's alarm rules for a bed that the config does not have");
    } else if (this.get(bed).isConfigChanged) {
      log.warn({ bed, name, since }, "A person's alarm rules stay in force, though the config's are others now");
    } else {
      log.info({ bed, name, since }, "A person's alarm rules are in force, not the config's");
    }
  }
}

function lastChangeOf({ what, name, note, token, timeMicros }: Kept): AlarmRulesChange {
  return { what, name, note, timeMicros, ...(token !== undefined && { token }) };
}

function digestOf(rules: readonly AlarmRule[]): string {
  return createHash('sha256')
    .update(JSON.stringify(alarmRulesSchema.parse(rules)))
    .digest('hex')
    .slice(0, DIGEST_CHARACTERS);
}
