import type { EdfHeader } from './header.js';
import { decodeSamples, type Calibration } from './samples.js';
import type { EdfSelection } from './select.js';

/**
 * Decodes `nSamples` of every channel of consecutive records, `from` samples into them; crosses records.
 * @param bytes of the records
 */
export function decodeRecords(
  bytes: Uint8Array,
  header: Pick<EdfHeader, 'recordBytes' | 'bytesPerSample'>,
  selection: Pick<EdfSelection, 'samplesPerRecord' | 'signals' | 'calibrations'>,
  from: number,
  nSamples: number,
): readonly Float32Array[] {
  const { recordBytes, bytesPerSample } = header;
  const { samplesPerRecord, signals, calibrations } = selection;
  // One array for all: to make many costs more than to fill them.
  const all = new Float32Array(signals.length * nSamples);
  return signals.map((signal, channel) => {
    const calibration = calibrations[channel] as Calibration;
    const values = all.subarray(channel * nSamples, (channel + 1) * nSamples);
    for (let done = 0; done < nSamples;) {
      const record = Math.floor((from + done) / samplesPerRecord);
      const inRecord = from + done - record * samplesPerRecord;
      const n = Math.min(samplesPerRecord - inRecord, nSamples - done);
      const position = record * recordBytes + signal.byteOffset + inRecord * bytesPerSample;
      decodeSamples(bytes, position, bytesPerSample, n, calibration, values, done);
      done += n;
    }
    return values;
  });
}
