import { connect, filter as only, lastValueFrom, map, merge, type Observable } from 'rxjs';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { openAdapter } from '../../adapters/registry.js';
import { amplitude } from '../../pipelines/amplitude.js';
import { canvas } from '../../pipelines/canvas.js';
import { bandProfile, CANVAS, type ProfileName } from '../../pipelines/core/profile.js';
import { isSignal, type StreamItem } from '../../pipelines/core/signal.js';
import { filter } from '../../pipelines/filter.js';
import { montage } from '../../pipelines/montage.js';
import { resample } from '../../pipelines/resample.js';
import { spectrogram } from '../../pipelines/spectrogram.js';
import { trends } from '../../pipelines/trends.js';

/** Processor seconds of this process while `work` ran. */
async function cpuSeconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

export interface StageCost {
  readonly readingSeconds: number;
  readonly dspSeconds: number;
  readonly nCanvases: number;
}

/** Processor time of reading alone, and of reading with signal processing up to the canvases, less the former. */
export async function measureStages(path: string, profileName: ProfileName): Promise<StageCost> {
  const profile = bandProfile(profileName);
  const open = async (): Promise<Observable<StreamItem>> =>
    (await openAdapter('edf', { path }, { pacer: fullSpeedPacer() })).pipe(only(isSignal));
  const readingSeconds = await cpuSeconds(async () => lastValueFrom(await open()));
  let nCanvases = 0;
  const both = await cpuSeconds(async () => {
    const chain = (await open()).pipe(
      montage('auto'),
      filter({ highpassHz: CANVAS.highpassHz }),
      connect((stream$) => merge(stream$.pipe(amplitude()), stream$.pipe(resample(profile), spectrogram(profile)))),
      trends(profile),
      canvas(profile),
      map((item) => {
        if (item.type === 'canvases') nCanvases += item.nDerivations;
      }),
    );
    await lastValueFrom(chain);
  });
  return { readingSeconds, dspSeconds: Math.max(0, both - readingSeconds), nCanvases };
}
