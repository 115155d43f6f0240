import { Subject } from 'rxjs';
import { CANVAS } from '../pipelines/core/profile.js';
import type { StreamInfo, StreamItem } from '../pipelines/core/signal.js';
import { filter } from '../pipelines/filter.js';
import { montage } from '../pipelines/montage.js';
import type { ChannelsMessage } from './protocol/messages.js';
import { WaveformBatch } from './waveform-batch.js';

export interface ChannelStreamOptions {
  readonly bed: string;
  /** Mains frequency to notch out, Hz. */
  readonly mainsHz?: 50 | 60 | undefined;
  /** Whether anybody would get a message now. */
  readonly isWanted: () => boolean;
  readonly send: (message: ChannelsMessage) => void;
}

/** The channels of a bed's source, before its montage and filtered as its derivations are: made only while somebody wants them. */
export class ChannelStream {
  readonly #options: ChannelStreamOptions;
  /** Of the source; undefined before its stream has begun. */
  info: StreamInfo | undefined;
  #filtered: Subject<StreamItem> | undefined;
  /** Nothing can be made of this stream; that its bed fails, too, is told there. */
  #isImpossible = false;

  constructor(options: ChannelStreamOptions) {
    this.#options = options;
  }

  take(item: StreamItem): void {
    if (item.type === 'info') {
      this.info = item;
      this.#filtered = undefined;
      this.#isImpossible = false;
      return;
    }
    if (item.type === 'annotation' || this.info === undefined || this.#isImpossible) return;
    if (!this.#options.isWanted()) {
      // What is kept now would be old when somebody wants it.
      this.#filtered = undefined;
      return;
    }
    this.#filtered ??= this.#begin(this.info);
    this.#filtered.next(item);
  }

  #begin(info: StreamInfo): Subject<StreamItem> {
    const { bed, mainsHz, send } = this.#options;
    const input = new Subject<StreamItem>();
    let batch: WaveformBatch | undefined;
    input.pipe(montage('recorded'), filter({ highpassHz: CANVAS.highpassHz, notchHz: mainsHz })).subscribe({
      next: (item) => {
        if (item.type === 'info') {
          const channels = item.channels.map(({ label }) => label);
          batch = new WaveformBatch(bed, item, (message) => {
            send({ ...message, type: 'channels', channels });
          });
        } else if (item.type === 'block') batch?.add(item);
        else if (item.type === 'gap') batch?.flush();
      },
      error: () => {
        this.#isImpossible = true;
      },
    });
    input.next(info);
    return input;
  }
}
