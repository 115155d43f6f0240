import { connect, defer, filter as only, merge, type Observable, type OperatorFunction, share, tap } from 'rxjs';
import { amplitude } from './amplitude.js';
import { canvas } from './canvas.js';
import type { Detector } from './core/detection.js';
import { bandProfile, CANVAS, type ProfileName } from './core/profile.js';
import type { StreamInfo, StreamItem } from './core/signal.js';
import { detect, type DetectOptions } from './detect.js';
import { filter } from './filter.js';
import type { CanvasStep, ColumnFrame, Passing, PipelineOutput } from './items.js';
import type { LeaveOut } from './leave-out.js';
import { montage, type MontageSpec } from './montage.js';
import { resample } from './resample.js';
import { spectrogram } from './spectrogram.js';
import { track } from './track.js';
import { trends } from './trends.js';
import type { TrackerState, TrackingOptions } from './tracking/tracker.js';

/** Where a profile goes on that had looked at part of these samples before. */
export interface ProfileResume {
  /** No canvas up to this column is looked at again. */
  readonly afterColumn: number;
  /** What was known then; left out: nothing. */
  readonly tracker?: TrackerState;
}

export interface PipelineOptions {
  readonly bed: string;
  readonly detector: Detector;
  readonly montage: MontageSpec;
  readonly profiles: readonly ProfileName[];
  /** Mains frequency to notch out, Hz. */
  readonly mainsHz?: 50 | 60 | undefined;
  /** See TrackingOptions. */
  readonly presence?: number | undefined;
  readonly confirmSteps?: number | undefined;
  readonly digest: TrackingOptions['digest'];
  /** Detection steps at the model or waiting for it, over all profiles. */
  readonly onPending?: (nPending: number) => void;
  readonly onLeftOut?: DetectOptions['onLeftOut'];
  /** What a daemon that does not keep up leaves out. Left out itself: nothing. */
  readonly leaveOut?: LeaveOut | undefined;
  /** Emit a `Checkpoint` after each detection step. */
  readonly checkpoints?: boolean;
  /** A stream that an earlier process has seen part of. */
  readonly resume?: ((profile: ProfileName) => ProfileResume | undefined) | undefined;
}

/**
 * The way of a bed's samples: montage -> filter -> per band profile (resample -> STFT columns -> trends, and canvases ->
 * detection -> chirp events). Columns do not wait for the model. Trends come from the first profile's columns, and from the
 * filtered samples themselves.
 *
 * @throws (as the Observable's error) what the operators throw
 */
export function pipeline(options: PipelineOptions): OperatorFunction<StreamItem, PipelineOutput> {
  return (source) =>
    defer(() => {
      const pending = new Map<ProfileName, number>();
      const onPending = (name: ProfileName) => (n: number) => {
        pending.set(name, n);
        options.onPending?.([...pending.values()].reduce((sum, each) => sum + each, 0));
      };
      let sourceRate = 0;
      return source.pipe(
        montage(options.montage),
        filter({ highpassHz: CANVAS.highpassHz, notchHz: options.mainsHz }),
        tap((item) => {
          if (item.type === 'info') sourceRate = item.sampleRate;
        }),
        connect((stream$) =>
          merge<PipelineOutput[]>(
            stream$,
            ...options.profiles.map((name, i) =>
              analysis(stream$, name, i === 0, options, onPending(name), () => sourceRate),
            ),
          ),
        ),
      );
    });
}

function analysis(
  stream$: Observable<StreamItem>,
  name: ProfileName,
  withTrends: boolean,
  options: PipelineOptions,
  onPending: (n: number) => void,
  sourceRate: () => number,
): Observable<PipelineOutput> {
  const profile = bandProfile(name);
  const columns$ = stream$.pipe(resample(profile), spectrogram(profile), share());
  const shown$ = columns$.pipe(only((item): item is ColumnFrame => item.type === 'column'));
  const {
    montage: montageSpec,
    mainsHz,
    bed,
    detector,
    presence,
    confirmSteps,
    digest,
    checkpoints,
    leaveOut,
  } = options;
  const resume = options.resume?.(name);
  const events$ = columns$.pipe(
    canvas<Passing>(profile, resume?.afterColumn, (column) => leaveOut?.step(name, column) ?? false),
    // Gaps would only wait behind a model that does not answer: a tracker goes by columns.
    only((item): item is CanvasStep | StreamInfo => item.type === 'canvases' || item.type === 'info'),
    detect({ detector, onPending, ...(options.onLeftOut && { onLeftOut: options.onLeftOut }) }),
    track(profile, () => ({
      bed,
      ...(checkpoints !== undefined && { checkpoints }),
      ...(resume?.tracker && { resume: resume.tracker }),
      ...(presence !== undefined && { presence }),
      ...(confirmSteps !== undefined && { confirmSteps }),
      digest,
      settings: JSON.stringify([montageSpec, mainsHz ?? 0, presence ?? 0, confirmSteps ?? 0]),
      reachSeconds: sourceRate() === profile.sampleRate ? 0 : CANVAS.resampler.zeroCrossings / profile.sampleRate,
    })),
  );
  // Amplitudes are measured first: each block's are there before its columns.
  const measured$ = stream$.pipe(only(({ type }) => type !== 'block' || leaveOut?.trends() !== true));
  const trended$ = merge(measured$.pipe(amplitude()), shown$).pipe(trends<never>(profile, leaveOut));
  return merge(withTrends ? trended$ : shown$, events$);
}
