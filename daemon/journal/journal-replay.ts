import { setImmediate } from 'node:timers/promises';
import { Observable } from 'rxjs';
import type { OpenContext } from '../../adapters/adapter.js';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import type { ProfileResume } from '../../pipelines/pipeline.js';
import { bandProfile, type ProfileName } from '../../pipelines/core/profile.js';
import type { JournalContent } from './read-journal.js';

/** Items between two looks at whether anybody else has something to do: about a millisecond of work. */
const ITEMS_A_TURN = 4;

/** The kept end of a stream, played to the pipelines of a daemon that starts again. */
export class JournalReplay {
  readonly #content: JournalContent;
  readonly #room: () => Promise<void> | undefined;
  #isUnderWay = false;
  /** Unix milliseconds at which the block that passes now arrived. */
  #arrivedMs: number | undefined;

  /** @param room a promise while the pipelines have no room for more */
  constructor(content: JournalContent, room: () => Promise<void> | undefined) {
    this.#content = content;
    this.#room = room;
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  get arrivedMs(): number | undefined {
    return this.#arrivedMs;
  }

  /** What the adapter is to know, so that it goes on where it was. */
  get context(): Pick<OpenContext, 'resumeAt'> {
    const { position, nextSample } = this.#content;
    return position === undefined ? {} : { resumeAt: { position, nextSample } };
  }

  /** Cold; the stream's info, then what is kept of it. */
  readonly items$ = new Observable<AdapterItem>((subscriber) => {
    this.#play((item) => {
      subscriber.next(item);
      return !subscriber.closed;
    }).then(
      () => {
        this.#finish();
        subscriber.complete();
      },
      (error: unknown) => {
        subscriber.error(error);
      },
    );
    return () => {
      this.#finish();
    };
  });

  /**
   * Where a band profile goes on. Steps that it has looked at are not looked at again. Without a checkpoint (a profile
   * or settings that are new) it begins with the first new sample, but for a stream of which all is there.
   */
  resume(name: ProfileName): ProfileResume | undefined {
    const { checkpoints, isWhole, nextSample, info } = this.#content;
    const checkpoint = checkpoints.get(name);
    if (checkpoint !== undefined) return { afterColumn: checkpoint.column, tracker: checkpoint.tracker };
    if (isWhole) return undefined;
    const { sampleRate, hopSamples } = bandProfile(name);
    return { afterColumn: Math.floor(((nextSample / info.sampleRate) * sampleRate) / hopSamples) };
  }

  async #play(give: (item: AdapterItem) => boolean): Promise<void> {
    this.#isUnderWay = true;
    if (!give(this.#content.info)) return;
    let nGiven = 0;
    for (const { item, arrivedMs } of this.#content.items) {
      if (++nGiven % ITEMS_A_TURN === 0) await setImmediate();
      await this.#room();
      this.#arrivedMs = arrivedMs;
      if (!give(item)) return;
    }
  }

  #finish(): void {
    this.#isUnderWay = false;
    this.#arrivedMs = undefined;
  }
}
