import type { EventMessage, LabelMessage, ServerMessage } from '../../daemon/protocol/messages.js';
import { NAME_SETTING, readSetting } from './browserSettings.js';
import { EventLabelAddDialog, type Marked } from './eventLabelAddDialog.js';
import { EventLabelDialog, type Labelled, type Verdict } from './eventLabelDialog.js';
import { postAddedLabel, postEventLabel, postWithdrawal } from './eventLabelPost.js';
import { EventLabelStore, readLabels, type LabelledBed } from './eventLabelStore.js';

/** Labels of the whole board: what is known, the dialog, and who wants to hear of changes. */
export class EventLabelDesk {
  /** Something is labelled otherwise than before. */
  onChange: () => void = () => undefined;
  readonly #store = new EventLabelStore(readLabels, () => {
    this.onChange();
  });
  #dialog: EventLabelDialog | undefined;
  #addDialog: EventLabelAddDialog | undefined;

  /** Of an event, the newest first. */
  of(event: string): readonly LabelMessage[] {
    return this.#store.ofEvent(event);
  }

  /** One that the person at this board has given, which they can take back. */
  own(event: string): LabelMessage | undefined {
    return this.of(event).find((label) => this.isOwn(label));
  }

  isOwn({ name }: Pick<LabelMessage, 'name'>): boolean {
    return name.toLowerCase() === readSetting(NAME_SETTING).toLowerCase();
  }

  /** What persons have marked in a bed, in the order of onsets. */
  addedTo(bed: string): readonly LabelMessage[] {
    return this.#store.addedTo(bed);
  }

  /** Somebody looks at a time of a bed, Unix microseconds: its labels are wanted. */
  lookBack(bed: string, fromMicros: number): void {
    this.#store.lookBack(bed, fromMicros);
  }

  take(message: ServerMessage): void {
    if (message.type === 'subscribed') this.#store.begin();
    if (message.type === 'label') this.#take(message);
  }

  refresh(beds: Iterable<LabelledBed>, nowMs: number): void {
    this.#store.refresh(beds, nowMs);
  }

  ask(labelled: Labelled, verdict: Verdict): void {
    this.#dialog ??= new EventLabelDialog(async (event: EventMessage, request) => {
      const label = await postEventLabel(event, request);
      // It is told to everybody, but this board need not wait for that.
      this.#take(label);
      return label;
    });
    this.#dialog.open(labelled, verdict);
  }

  /** Asks for something that the machine has missed. */
  mark(marked: Marked): void {
    this.#addDialog ??= new EventLabelAddDialog(async (bed, request) => {
      const label = await postAddedLabel(bed, request);
      this.#take(label);
      return label;
    });
    this.#addDialog.open(marked);
  }

  /** @throws Error with the reason where that fails */
  async undo(label: LabelMessage): Promise<void> {
    this.#take(await postWithdrawal(label, readSetting(NAME_SETTING)));
  }

  #take(label: LabelMessage): void {
    this.#store.take(label);
    this.onChange();
  }
}

/** There is one: rows and pictures look into it wherever they are. */
export const labelDesk = new EventLabelDesk();
