import { MAX_MICROVOLTS } from '../../adapters/units.js';
import { ChirpdError } from '../../pipelines/core/errors.js';

const FLOAT_BYTES = 4;

/**
 * The samples of a block: one array of microvolts per channel.
 * @param bytes (nChannels, nSamples) little-endian float32, C order; need not be aligned
 * @param microvolts of one unit
 * @throws ChirpdError PROTOCOL_BAD_MESSAGE on a size that is not whole, on NaN, and on what is no voltage
 */
export function pushedSamples(
  bytes: Uint8Array,
  labels: readonly string[],
  microvolts: number,
): readonly Float32Array[] {
  const nSamples = bytes.byteLength / (FLOAT_BYTES * labels.length);
  if (!Number.isInteger(nSamples) || nSamples < 1) {
    throw new ChirpdError(
      'PROTOCOL_BAD_MESSAGE',
      `A block of ${bytes.byteLength} bytes does not hold whole float32 samples of ${labels.length} channels`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return labels.map((label, channel) => {
    const samples = new Float32Array(nSamples);
    const start = channel * nSamples * FLOAT_BYTES;
    for (let i = 0; i < nSamples; i++) {
      const value = view.getFloat32(start + i * FLOAT_BYTES, true) * microvolts;
      // Written so that NaN is refused too.
      if (!(Math.abs(value) <= MAX_MICROVOLTS)) throw noVoltage(label, i, value);
      samples[i] = value;
    }
    return samples;
  });
}

function noVoltage(label: string, i: number, microvolts: number): ChirpdError {
  return new ChirpdError(
    'PROTOCOL_BAD_MESSAGE',
    `Sample ${i} of a block is ${microvolts} uV in channel ${label}: leave out samples that were not measured, and check the units`,
  );
}
