import type { TimelineDraft } from '../../../daemon/timeline/record.js';

/** A gap of bed `bed`, `i` seconds after a fixed time; its key names bed and number. */
export function gapDraft(i: number, bed = 'bed-1'): TimelineDraft {
  const onsetTimeMicros = 1_700_000_000_000_000 + i * 1_000_000;
  return {
    key: `gap:${bed}:${String(i)}`,
    content: { type: 'gap', bed, onsetTimeMicros, offsetTimeMicros: onsetTimeMicros + 500_000, reason: 'lost-packets' },
  };
}

/** A first telling of a chirp. */
export function eventDraft(i: number, bed = 'bed-1'): TimelineDraft {
  const onsetSeconds = 10 * i;
  const onsetTimeMicros = 1_700_000_000_000_000 + onsetSeconds * 1_000_000;
  return {
    key: `${bed}-${String(i)}:0`,
    arrivalMs: performance.now() - 5,
    content: {
      type: 'event',
      id: `${bed}-${String(i)}`,
      revision: 0,
      bed,
      phase: 'onset',
      onsetSeconds,
      offsetSeconds: onsetSeconds + 12.5,
      onsetTimeMicros,
      offsetTimeMicros: onsetTimeMicros + 12_500_000,
      startFrequencyHz: 3.25,
      middleFrequencyHz: 4.5,
      endFrequencyHz: 6,
      sweep: 'linear',
      rateHzPerSecond: 0.22,
      score: 0.875,
      spreads: { onsetSeconds: 0.5, offsetSeconds: 0.5, startFrequencyHz: 0.25, endFrequencyHz: 0.25 },
      derivations: [{ label: 'F7-T7', score: 0.875 }],
      profile: 'slow',
      model: { name: 'test', sha256: 'a'.repeat(64), adapter: '', adapterSha256: '' },
      newestSampleSeconds: onsetSeconds + 15,
      newestSampleTimeMicros: onsetTimeMicros + 15_000_000,
    },
  };
}
