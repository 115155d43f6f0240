import { join } from 'node:path';
import { Timeline } from '../../daemon/timeline/timeline.js';
import { eventDraft } from '../daemon/timeline/drafts.js';

const MICROS = 1e6;
const HOUR = 3600;

interface Chirps {
  /** Hours before now at which they begin. */
  readonly hoursAgo: number;
  readonly n: number;
  readonly everySeconds: number;
  readonly seconds: number;
  readonly score: number;
}

/** Two clusters of strong chirps, an hour of faint ones, and some alone: 24 h of a patient. */
const NIGHT: readonly Chirps[] = [
  { hoursAgo: 22, n: 3, everySeconds: 1500, seconds: 12, score: 0.55 },
  { hoursAgo: 17, n: 40, everySeconds: 20, seconds: 18, score: 0.95 },
  { hoursAgo: 11, n: 60, everySeconds: 60, seconds: 10, score: 0.35 },
  { hoursAgo: 5, n: 18, everySeconds: 30, seconds: 20, score: 0.9 },
  { hoursAgo: 3, n: 4, everySeconds: 900, seconds: 15, score: 0.7 },
];

/** Writes the last 24 hours of a bed into the data folder of a daemon that does not run. @returns how many chirps there are */
export async function writeChirpyNight(dataFolder: string, bed: string): Promise<number> {
  const timeline = await Timeline.open(join(dataFolder, 'timeline'));
  // Whole pieces of 10 s: what burden they make does not hang on when the test runs.
  const nowSeconds = 10 * Math.floor(Date.now() / 10_000);
  const { content } = eventDraft(0, bed);
  let n = 0;
  for (const { hoursAgo, n: nChirps, everySeconds, seconds, score } of NIGHT) {
    for (let i = 0; i < nChirps; i++) {
      const onsetTimeMicros = (nowSeconds - hoursAgo * HOUR + i * everySeconds) * MICROS;
      const offsetTimeMicros = onsetTimeMicros + seconds * MICROS;
      const times = { onsetTimeMicros, offsetTimeMicros, newestSampleTimeMicros: offsetTimeMicros };
      const id = `night-${String(n++)}`;
      await timeline.append({ key: `${id}:0`, content: { ...content, ...times, id, score } as typeof content });
    }
  }
  const gapMicros = (nowSeconds - 14 * HOUR) * MICROS;
  await timeline.append({
    key: 'night:gap',
    content: {
      ...{ type: 'gap', bed, onsetTimeMicros: gapMicros, offsetTimeMicros: gapMicros + 1.2 * HOUR * MICROS },
      reason: 'lost-packets',
    },
  });
  await timeline.close();
  return n;
}
