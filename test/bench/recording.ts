import { closeSync, openSync, writeSync } from 'node:fs';
import { openAdapter } from '../../adapters/registry.js';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { DOUBLE_BANANA } from '../../pipelines/dsp/doubleBanana.js';
import { lastValueFrom, tap } from 'rxjs';

/** Beyond the double banana: the five other derivations that scalp recordings of 23 channels have. */
const OTHERS = ['P7-T7', 'T7-Fp1', 'Fz-Pz', 'T8-F4', 'Cz-C4'];
const SAMPLE_RATE = 256;
const MICROVOLTS = 3276.7;

/**
 * Writes an EDF recording of 23 bipolar channels at 256 Hz with seeded EEG and chirps, one-second records.
 */
export async function writeRecording(path: string, seconds: number): Promise<void> {
  const derivations = [...DOUBLE_BANANA, ...OTHERS];
  const options = { seed: 7, sampleRate: SAMPLE_RATE, durationSeconds: seconds, startTimeMicros: 946_684_800_000_000 };
  const stream$ = await openAdapter('synthetic', options, { pacer: fullSpeedPacer() });
  let pairs: (readonly [number, number])[] = [];
  const channels: number[][] = derivations.map(() => []);
  const file = openSync(path, 'w');
  const writeRecords = (): void => {
    while ((channels[0]?.length ?? 0) >= SAMPLE_RATE) {
      const record = Buffer.alloc(derivations.length * SAMPLE_RATE * 2);
      channels.forEach((samples, c) => {
        samples.splice(0, SAMPLE_RATE).forEach((microvolts, i) => {
          const digital = Math.round((microvolts / MICROVOLTS) * 32767);
          record.writeInt16LE(Math.max(-32768, Math.min(32767, digital)), 2 * (c * SAMPLE_RATE + i));
        });
      });
      writeSync(file, record);
    }
  };
  await lastValueFrom(
    stream$.pipe(
      tap((item) => {
        if (item.type === 'info') {
          const index = (label: string): number => item.channels.findIndex((channel) => channel.label === label);
          pairs = derivations.map((d) => d.split('-')).map(([plus = '', minus = '']) => [index(plus), index(minus)]);
          writeSync(file, header(derivations, seconds));
        }
        if (item.type === 'block') {
          pairs.forEach(([plus, minus], c) => {
            const [a, b] = [item.samples[plus], item.samples[minus]];
            a?.forEach((value, i) => channels[c]?.push(value - (b?.[i] ?? 0)));
          });
          writeRecords();
        }
      }),
    ),
  );
  closeSync(file);
}

function header(labels: readonly string[], nRecords: number): Buffer {
  const n = labels.length;
  const each = (text: string, width: number): string => text.padEnd(width).repeat(n);
  return Buffer.from(
    [
      '0'.padEnd(8),
      'X X X X'.padEnd(80),
      'Startdate 01-JAN-2000 X X X'.padEnd(80),
      '01.01.00',
      '00.00.00',
      String(256 * (n + 1)).padEnd(8),
      ''.padEnd(44),
      String(nRecords).padEnd(8),
      '1'.padEnd(8),
      String(n).padEnd(4),
      labels.map((label) => label.padEnd(16)).join(''),
      each('', 80),
      each('uV', 8),
      each(String(-MICROVOLTS), 8),
      each(String(MICROVOLTS), 8),
      each('-32767', 8),
      each('32767', 8),
      each('', 80),
      each(String(SAMPLE_RATE), 8),
      each('', 32),
    ].join(''),
    'latin1',
  );
}
