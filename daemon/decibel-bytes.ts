/** Byte 0 of a SpectrogramMessage, dB. */
const LOWEST_DB = -60;
const STEPS_PER_DB = 2;

/**
 * Columns for the wire: one unsigned byte per value, dB = byte / 2 - 60, saturated at both ends (-60 to 67.5 dB).
 * @param decibels per derivation, one value per row
 * @returns shape (nDerivations, nRows), C order; NaN becomes 0
 */
export function decibelBytes(decibels: readonly Float32Array[]): Uint8Array {
  const nRows = decibels[0]?.length ?? 0;
  // A clamped array rounds half to even, saturates, and turns NaN into 0.
  const bytes = new Uint8ClampedArray(decibels.length * nRows);
  decibels.forEach((rows, derivation) => {
    for (let row = 0; row < nRows; row++) {
      bytes[derivation * nRows + row] = ((rows[row] ?? NaN) - LOWEST_DB) * STEPS_PER_DB;
    }
  });
  return new Uint8Array(bytes.buffer);
}

const clamped = new Uint8ClampedArray(1);

/** One value, rounded and saturated in the same way. */
export function byteOfDecibels(decibels: number): number {
  clamped[0] = (decibels - LOWEST_DB) * STEPS_PER_DB;
  return clamped[0];
}

export function decibelsOfByte(byte: number): number {
  return byte / STEPS_PER_DB + LOWEST_DB;
}
