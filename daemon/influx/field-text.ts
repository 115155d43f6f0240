/**
 * A field's value as line protocol writes it. The `influx` package takes an object's text as it is; its own escaping
 * of strings doubles the backslash of `\'`, and it cannot tell a whole number from a float.
 */
export class FieldText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** Fields of a point; those without a value are left out. */
export type Fields = Readonly<Record<string, FieldText | undefined>>;

/** A 64 bit integer. */
export function integerField(value: number): FieldText | undefined {
  return Number.isSafeInteger(value) ? new FieldText(`${String(value)}i`) : undefined;
}

/** Undefined for NaN and infinities, which InfluxDB refuses. */
export function floatField(value: number): FieldText | undefined {
  return Number.isFinite(value) ? new FieldText(String(value)) : undefined;
}

export function booleanField(value: boolean): FieldText {
  return new FieldText(value ? 'true' : 'false');
}

export function textField(value: string): FieldText {
  return new FieldText(`"${value.replaceAll(/["\\]/g, '\\$&')}"`);
}

/**
 * A tag's value that line protocol can write: a backslash at its end would swallow what follows, so backslashes become
 * the full-width ones, and control characters a question mark.
 */
export function tagText(value: string): string {
  return value.replaceAll('\\', '\uff3c').replaceAll(/\p{Cc}/gu, '?');
}
