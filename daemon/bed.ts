import type { Observable } from 'rxjs';
import type { StreamItem } from '../pipelines/core/signal.js';
import type { PipelineOutput } from '../pipelines/items.js';
import type { BedInfo } from './protocol/messages.js';
import type { DeriveOptions } from './waveforms/derive.js';

/** `info().stateText` of a bed that was stopped before its stream had ended. */
export const STOPPED = 'stopped';

/** One bed: an adapter's stream through a pipeline. Made by `createBed`, started and stopped by the supervisor. */
export interface Bed {
  readonly name: string;
  /** Hot; completes when the stream has ended and everything it holds has been emitted; never errors (`info().state` tells). */
  readonly output$: Observable<PipelineOutput>;
  /** Hot; what its source gives, before the montage. Each item comes here before what the pipeline makes of it. */
  readonly source$: Observable<StreamItem>;
  /** How its derivations are made. */
  readonly deriving: DeriveOptions;
  /** Hot; emits after each change of `info().state`. */
  readonly state$: Observable<BedInfo>;
  info(): BedInfo;
  /** True while samples pass that an earlier process of the daemon has had already. */
  readonly isResuming: boolean;
  /** Host clock (performance.now() milliseconds) at which the sample at that stream time, or the first after it, arrived. */
  arrivalMs(streamSeconds: number): number;
  /** @param delayMs a stream that begins anew begins so much later; one that goes on does so at once */
  start(delayMs?: number): void;
  stop(): Promise<void>;
  /**
   * Ends the stream here: what it holds is looked at, and the chirps that are under way end. Resolves when all of that has
   * been emitted; a bed whose model does not answer is stopped.
   * @param text why, as `info().stateText` from then on
   */
  end(text: string): Promise<void>;
}
