import { map, type Observable } from 'rxjs';
import type { SpeedControl } from '../../adapters/speed-control.js';
import type { StreamItem } from '../../pipelines/core/signal.js';
import type { PipelineOutput } from '../../pipelines/items.js';
import type { Bed } from '../bed.js';
import type { BedInfo, ReplayMark } from '../protocol/messages.js';
import type { DeriveOptions } from '../waveforms/derive.js';

/** `info().stateText` of a replay that somebody holds up. */
export const PAUSED = 'paused';

/**
 * A bed under another name, marked as a replay. Its pipeline goes by the name of the bed that was recorded, on which the ids
 * of events depend.
 */
export class ReplayBed implements Bed {
  readonly name: string;
  readonly output$: Observable<PipelineOutput>;
  readonly source$: Observable<StreamItem>;
  readonly deriving: DeriveOptions;
  readonly state$: Observable<BedInfo>;
  /** Without a journal nothing passes twice. */
  readonly isResuming = false;
  readonly #bed: Bed;
  readonly #mark: ReplayMark;
  readonly #control: SpeedControl;

  constructor(bed: Bed, name: string, mark: ReplayMark, control: SpeedControl) {
    this.name = name;
    this.#bed = bed;
    this.#mark = mark;
    this.#control = control;
    this.output$ = bed.output$.pipe(
      map((item) => (item.type === 'event' ? { ...item, event: { ...item.event, bed: name } } : item)),
    );
    this.source$ = bed.source$;
    this.deriving = bed.deriving;
    this.state$ = bed.state$.pipe(map((info) => this.#marked(info)));
  }

  info(): BedInfo {
    return this.#marked(this.#bed.info());
  }

  arrivalMs(streamSeconds: number): number {
    return this.#bed.arrivalMs(streamSeconds);
  }

  start(): void {
    this.#bed.start();
  }

  stop(): Promise<void> {
    return this.#bed.stop();
  }

  end(text: string): Promise<void> {
    return this.#bed.end(text);
  }

  #marked(info: BedInfo): BedInfo {
    const { speed, isPaused } = this.#control;
    return {
      ...info,
      bed: this.name,
      replay: this.#mark,
      speed: speed === 'max' ? 0 : speed,
      stateText: isPaused && info.state === 'streaming' ? PAUSED : info.stateText,
    };
  }
}
