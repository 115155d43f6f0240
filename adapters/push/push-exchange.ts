import type { ChirpdError } from '../../pipelines/core/errors.js';
import { PushSlot } from './push-slot.js';

/** The beds that take pushes, by name. The server's ingest endpoint writes into it, adapters of kind `push` read. */
export class PushExchange {
  readonly #slots = new Map<string, PushSlot>();

  /** The place of a bed, made when it is first asked for. */
  open(bed: string): PushSlot {
    const slot = this.#slots.get(bed) ?? new PushSlot(bed);
    this.#slots.set(bed, slot);
    return slot;
  }

  /** The bed takes no pushes any more: who pushes to it is sent away. */
  close(bed: string, error: ChirpdError): void {
    const slot = this.#slots.get(bed);
    this.#slots.delete(bed);
    slot?.close(error);
  }

  find(bed: string): PushSlot | undefined {
    return this.#slots.get(bed);
  }
}
