import { randomBytes } from 'node:crypto';
import { ChirpdError, errorText, isChirpdError } from '../../pipelines/core/errors.js';
import type { AddedLabelRequest, EventLabelRequest } from '../protocol/label-messages.js';
import type { EventMessage, LabelMessage, ReplayMark } from '../protocol/messages.js';
import type { Hub } from '../server/hub.js';
import type { Timeline } from '../timeline/timeline.js';
import { LabelBook, labelKey, stateOf, type LabelContent } from './label-book.js';
import { badField, type CheckedAddedLabel, type CheckedEventLabel, type CheckedWithdrawal } from './label-schema.js';
import { markOfGone, newestTelling } from './labelled-event.js';

export interface LabelsOptions {
  readonly timeline: Pick<Timeline, 'append' | 'byKey' | 'inRange' | 'states' | 'listen'>;
  readonly hub: Pick<Hub, 'bed'>;
  /** Labels in force, at most. Default 100,000. */
  readonly maxLabels?: number;
}

/** A label, and whether this is the first time that it was given or withdrawn. */
export interface LabelResult {
  readonly label: LabelMessage;
  readonly isNew: boolean;
}

const MAX_LABELS = 100_000;
const HOUR_MICROS = 3_600e6;
const MINUTE_MICROS = 60e6;
const MAX_SPAN_MICROS = 24 * HOUR_MICROS;
/** Further back than this a time is a mistake in its unit. */
const YEARS_MICROS = 100 * 366 * 24 * HOUR_MICROS;

/** What persons say of chirps. Each step is in the timeline before anybody hears of it, and is there once, however often it is asked for. */
export class Labels {
  readonly book: LabelBook;
  readonly #options: LabelsOptions;
  /** Changes come one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LabelsOptions) {
    this.#options = options;
    this.book = new LabelBook(options.timeline);
  }

  /**
   * Labels an event.
   * @param token name of the one that was shown; undefined where nobody is asked for one. So below
   * @throws ChirpdError PROTOCOL_BAD_BODY, LABEL_EVENT_NOT_FOUND, LABEL_ID_TAKEN, LABEL_TOO_MANY, LABEL_NOT_STORED
   */
  labelEvent(bed: string, id: string, request: CheckedEventLabel, token?: string): Promise<LabelResult> {
    return this.#give({ ...request, bed, event: id }, token, () => {
      const event = newestTelling(this.#options.timeline, bed, id, this.#markOf(bed));
      if (event === undefined) {
        const text = `The timeline has no event ${id.slice(0, 64)} of bed ${bed.slice(0, 64)}, or no longer`;
        throw new ChirpdError('LABEL_EVENT_NOT_FOUND', text);
      }
      return ofEvent(event, request);
    });
  }

  /**
   * Labels a stretch of a bed's stream of which nothing was told.
   * @throws ChirpdError PROTOCOL_NOT_FOUND (no such bed), and as `labelEvent`
   */
  add(bed: string, request: CheckedAddedLabel, token?: string): Promise<LabelResult> {
    return this.#give({ ...request, bed, verdict: 'added' }, token, () => this.#added(bed, request));
  }

  /**
   * Takes a label back. What was said stays in the timeline.
   * @throws ChirpdError LABEL_NOT_FOUND, LABEL_NOT_STORED
   */
  withdraw(bed: string, id: string, { name, note }: CheckedWithdrawal, token?: string): Promise<LabelResult> {
    return this.#inTurn(async () => {
      const withdrawn = this.#stored(id, 'withdrawn');
      if (withdrawn?.bed === bed) return { label: withdrawn, isNew: false };
      const label = this.book.find(id);
      if (label?.bed !== bed) {
        const text = `No label ${id.slice(0, 64)} of bed ${bed.slice(0, 64)} is in force: it was replaced, or there never was one`;
        throw new ChirpdError('LABEL_NOT_FOUND', text);
      }
      const step = { what: 'withdrawn', name, note, ...shown(token), saidTimeMicros: nowMicros() } as const;
      return this.#append({ ...contentOf(label), ...step }, label);
    });
  }

  stop(): void {
    this.book.stop();
  }

  #give(
    said: Readonly<Record<string, unknown>> & Pick<CheckedEventLabel, 'id'>,
    token: string | undefined,
    content: () => Omit<LabelContent, 'id' | 'type' | 'what' | 'saidTimeMicros' | 'timeMicros'>,
  ): Promise<LabelResult> {
    return this.#inTurn(async () => {
      const { id = randomBytes(16).toString('hex'), ...rest } = said;
      const known = this.book.find(id) ?? this.#stored(id, 'given');
      if (known !== undefined) {
        if (!isSame(known, rest)) {
          throw new ChirpdError('LABEL_ID_TAKEN', `Label ${id} says something else already: make another id for this`);
        }
        return { label: known, isNew: false };
      }
      const { maxLabels = MAX_LABELS } = this.#options;
      if (this.book.n >= maxLabels) {
        throw new ChirpdError('LABEL_TOO_MANY', `${maxLabels} labels are in force: withdraw some`);
      }
      const made = content();
      const { onsetTimeMicros: timeMicros, offsetTimeMicros } = made;
      if (offsetTimeMicros <= timeMicros) throw badField('offsetTimeMicros', 'is not later than the onset');
      if (offsetTimeMicros - timeMicros > MAX_SPAN_MICROS) {
        throw badField('offsetTimeMicros', 'is more than 24 h after the onset');
      }
      const step = {
        type: 'label',
        id,
        what: 'given',
        ...shown(token),
        timeMicros,
        saidTimeMicros: nowMicros(),
      } as const;
      return this.#append({ ...made, ...step });
    });
  }

  #added(bed: string, request: CheckedAddedLabel): ReturnType<typeof ofEvent> {
    const info = this.#options.hub.bed(bed)?.info();
    if (info === undefined) throw new ChirpdError('PROTOCOL_NOT_FOUND', `There is no bed ${bed.slice(0, 64)}`);
    const { onsetTimeMicros, offsetTimeMicros, startFrequencyHz, endFrequencyHz, derivations = [] } = request;
    const { newestTimeMicros: newest, replay } = info;
    // A recording that is replayed is known beyond what has been replayed.
    if (replay === undefined && offsetTimeMicros > newest + MINUTE_MICROS) {
      throw badField('offsetTimeMicros', `is after the newest sample of the bed (${newest}): are these microseconds?`);
    }
    if (onsetTimeMicros < newest - YEARS_MICROS) {
      throw badField('onsetTimeMicros', `is a century before the newest sample of the bed (${newest})`);
    }
    return {
      bed,
      verdict: 'added',
      text: request.text,
      onsetTimeMicros,
      offsetTimeMicros,
      ...(startFrequencyHz !== undefined && { startFrequencyHz }),
      ...(endFrequencyHz !== undefined && { endFrequencyHz }),
      derivations: [...derivations],
      name: request.name,
      note: request.note,
      ...(replay && { replay }),
    };
  }

  #markOf(bed: string): ReplayMark | undefined {
    const { hub, timeline } = this.#options;
    const known = hub.bed(bed)?.info();
    return known === undefined ? markOfGone(timeline, bed) : known.replay;
  }

  #stored(id: string, what: LabelMessage['what']): LabelMessage | undefined {
    if (id.length > 64) return undefined;
    const record = this.#options.timeline.byKey(labelKey(id, what));
    return record?.type === 'label' ? record : undefined;
  }

  /** @param before whose state it takes away; left out: of the label itself */
  async #append(content: LabelContent, before: LabelContent = content): Promise<LabelResult> {
    const { id, what } = content;
    const state = stateOf({ ...before, what });
    try {
      const { cursor, isNew } = await this.#options.timeline.append({ key: labelKey(id, what), content, state });
      return { label: { ...content, cursor }, isNew };
    } catch (error) {
      const code = isChirpdError(error) ? error.code : '';
      if (!code.startsWith('TIMELINE_') || code === 'TIMELINE_BAD_RECORD') throw error;
      const text = `The label could not be stored, and counts for nothing: try again. ${errorText(error)}`;
      throw new ChirpdError('LABEL_NOT_STORED', text, { cause: error });
    }
  }

  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(change);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

/** What a person says of an event, with what the event says of itself where they say nothing. */
function ofEvent(
  event: EventMessage,
  request: CheckedEventLabel,
): Omit<LabelContent, 'id' | 'type' | 'what' | 'saidTimeMicros' | 'timeMicros'> {
  const { verdict, name, note } = request;
  const onsetTimeMicros = request.onsetTimeMicros ?? event.onsetTimeMicros;
  const offsetTimeMicros = request.offsetTimeMicros ?? event.offsetTimeMicros;
  if (onsetTimeMicros < event.onsetTimeMicros - HOUR_MICROS || onsetTimeMicros > event.offsetTimeMicros + HOUR_MICROS) {
    throw badField(
      'onsetTimeMicros',
      `lies more than an hour off the event's (${event.onsetTimeMicros}): microseconds?`,
    );
  }
  return {
    bed: event.bed,
    verdict,
    event: event.id,
    text: request.text ?? (verdict === 'rejected' ? '' : 'chirp'),
    onsetTimeMicros,
    offsetTimeMicros,
    startFrequencyHz: request.startFrequencyHz ?? event.startFrequencyHz,
    endFrequencyHz: request.endFrequencyHz ?? event.endFrequencyHz,
    profile: event.profile,
    derivations: request.derivations ? [...request.derivations] : event.derivations.map(({ label }) => label),
    name,
    note,
    ...(event.replay && { replay: event.replay }),
  };
}

type Said = Partial<EventLabelRequest & AddedLabelRequest>;

/** Whether a label says all that is asked for: then it is the same request, sent again. */
function isSame(label: LabelMessage, said: Said & Readonly<Record<string, unknown>>): boolean {
  return Object.entries(said).every(([field, value]) => {
    return value === undefined || JSON.stringify(label[field as keyof LabelMessage]) === JSON.stringify(value);
  });
}

/** What a label says, but for who has said so. */
function contentOf(label: LabelMessage): Omit<LabelContent, 'token'> {
  const content: LabelContent & { cursor?: number; token?: string } = { ...label };
  delete content.cursor;
  delete content.token;
  return content;
}

function shown(token: string | undefined): Pick<LabelMessage, 'token'> {
  return token === undefined ? {} : { token };
}

function nowMicros(): number {
  return Date.now() * 1000;
}
