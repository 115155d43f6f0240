/** An input that the product did not take as it should. */
export class FuzzFailure extends Error {
  /** Which one of its batch, from 0. */
  readonly number: number;
  /** Its bytes, to be kept. */
  readonly input: Uint8Array;

  constructor(number: number, input: Uint8Array | string, text: string, options?: ErrorOptions) {
    super(text, options);
    this.number = number;
    this.input = typeof input === 'string' ? Buffer.from(input) : input;
  }
}
