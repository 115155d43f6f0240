import type { EdfSignal } from './header.js';

/** How the bytes of one signal become physical values: `((digital - digitalMinimum) * gain + physicalMinimum) * scale`. */
export interface Calibration {
  readonly digitalMinimum: number;
  readonly gain: number;
  readonly physicalMinimum: number;
  readonly scale: number;
}

/** @param scale factor on the physical value, such as microvolts per unit of the signal's dimension */
export function calibrationOf(signal: EdfSignal, scale: number): Calibration {
  const gain = (signal.physicalMaximum - signal.physicalMinimum) / (signal.digitalMaximum - signal.digitalMinimum);
  return { digitalMinimum: signal.digitalMinimum, gain, physicalMinimum: signal.physicalMinimum, scale };
}

/**
 * Decodes `count` little-endian integers of 2 or 3 bytes from `byteOffset`, computes in double precision and rounds
 * once, to float32.
 */
export function decodeSamples(
  bytes: Uint8Array,
  byteOffset: number,
  bytesPerSample: 2 | 3,
  count: number,
  calibration: Calibration,
  target: Float32Array,
  targetOffset: number,
): void {
  const { digitalMinimum, gain, physicalMinimum, scale } = calibration;
  let position = byteOffset;
  const end = targetOffset + count;
  if (bytesPerSample === 2) {
    for (let i = targetOffset; i < end; i++, position += 2) {
      const digital = (((bytes[position + 1] as number) << 24) >> 16) | (bytes[position] as number);
      target[i] = ((digital - digitalMinimum) * gain + physicalMinimum) * scale;
    }
    return;
  }
  for (let i = targetOffset; i < end; i++, position += 3) {
    const high = ((bytes[position + 2] as number) << 24) >> 8;
    const digital = high | ((bytes[position + 1] as number) << 8) | (bytes[position] as number);
    target[i] = ((digital - digitalMinimum) * gain + physicalMinimum) * scale;
  }
}
