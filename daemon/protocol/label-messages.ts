import type { LabelMessage } from './messages.js';

/** What of the labels of a bed is said in JSON. */

/** Body of `POST /v1/beds/{bed}/events/{event}/labels`. */
export interface EventLabelRequest {
  /** Made by who asks, 8 to 64 letters, digits, `-` and `_`: sent again, it is the same label. Left out: the daemon makes one. */
  readonly id?: string;
  readonly verdict: 'confirmed' | 'rejected' | 'changed';
  /** Left out: `chirp`; '' with `rejected`. */
  readonly text?: string;
  /** With `changed` only; what is left out stays as the machine has it. */
  readonly onsetTimeMicros?: number;
  readonly offsetTimeMicros?: number;
  readonly startFrequencyHz?: number;
  readonly endFrequencyHz?: number;
  readonly derivations?: readonly string[];
  readonly name: string;
  readonly note?: string;
}

/** Body of `POST /v1/beds/{bed}/labels`: of what the machine said nothing of. */
export interface AddedLabelRequest {
  readonly id?: string;
  /** Left out: `chirp`. */
  readonly text?: string;
  readonly onsetTimeMicros: number;
  readonly offsetTimeMicros: number;
  readonly startFrequencyHz?: number;
  readonly endFrequencyHz?: number;
  readonly derivations?: readonly string[];
  readonly name: string;
  readonly note?: string;
}

/** Body of `POST /v1/beds/{bed}/labels/{label}/withdraw`. */
export interface WithdrawRequest {
  readonly name: string;
  readonly note?: string;
}

/** Answer of what gives or withdraws a label. */
export interface LabelAnswer {
  readonly label: LabelMessage;
  /** False: it is withdrawn, or its person has said something else of the event since. */
  readonly isInForce: boolean;
}

/** Answer of `GET /v1/beds/{bed}/labels`. */
export interface LabelsPage {
  /** Those in force, in the order of their onsets. */
  readonly labels: readonly LabelMessage[];
  /** Path and query of the next page; null where there is none. */
  readonly next: string | null;
}
