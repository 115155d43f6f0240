/** What a fuzzer is asked for: the same seed and number give the same inputs. */
export interface FuzzBatch {
  readonly nInputs: number;
  readonly seed: number;
  /** Called as each input begins, with its number from 0: so that a hang is seen and has a name. */
  readonly onInput: (number: number) => void;
}

export interface FuzzOutcomes {
  /** How often inputs ended in each way; their sum is the number of inputs. */
  readonly counts: Readonly<Record<string, number>>;
  /** Bytes held after a collection by whoever took the inputs, where that is another process. */
  readonly heldBytes?: number;
  readonly slowestMs: number;
}

/** One kind of input, and what takes it. */
export interface Fuzzer {
  /** @throws FuzzFailure on the first input that was not taken as it should */
  run(batch: FuzzBatch): Promise<FuzzOutcomes>;
  stop?(): Promise<void>;
}

/** Counts how inputs end, and how long they take. */
export class OutcomeCounter {
  readonly #counts: Record<string, number> = {};
  #slowestMs = 0;

  add(outcome: string, milliseconds: number): void {
    this.#counts[outcome] = (this.#counts[outcome] ?? 0) + 1;
    this.#slowestMs = Math.max(this.#slowestMs, milliseconds);
  }

  get outcomes(): FuzzOutcomes {
    return { counts: { ...this.#counts }, slowestMs: this.#slowestMs };
  }
}
