import type { ProfileName } from '../../pipelines/core/profile.js';
import type { BedInfo, SpectrogramHistory, SpectrogramMessage } from '../protocol/messages.js';

/** Columns kept per band profile: 150 s at a hop of 0.47 s, and 0.8 MB at 19 derivations. */
const KEPT_COLUMNS = 320;

/** The newest columns of one bed's stream, for those who begin to look only now. */
export class RecentColumns {
  readonly #byProfile = new Map<ProfileName, SpectrogramMessage[]>();
  #startTimeMicros: number | undefined;

  /** A stream begins: columns of the one before it are dropped, because theirs are counted from another sample. */
  begin(startTimeMicros: number): void {
    this.#startTimeMicros = startTimeMicros;
    this.#byProfile.clear();
  }

  /** Columns of a profile come in rising order; their bytes are kept as they are, not copied. */
  add(message: SpectrogramMessage): void {
    let columns = this.#byProfile.get(message.profile);
    if (columns === undefined) {
      columns = [];
      this.#byProfile.set(message.profile, columns);
    }
    columns.push(message);
    if (columns.length > KEPT_COLUMNS) columns.shift();
  }

  /** What is kept of a profile of this bed, in rising order of columns; none where none has come. */
  history(bed: BedInfo, { name, rowHz, hopSeconds }: BedInfo['profiles'][number]): SpectrogramHistory {
    const messages = this.#byProfile.get(name) ?? [];
    const columnBytes = messages[0]?.decibels.length ?? 0;
    const decibels = new Uint8Array(messages.length * columnBytes);
    messages.forEach((message, i) => {
      decibels.set(message.decibels, i * columnBytes);
    });
    return {
      type: 'spectrogramHistory',
      bed: bed.bed,
      profile: name,
      startTimeMicros: this.#startTimeMicros ?? bed.startTimeMicros,
      rowHz,
      hopSeconds,
      nDerivations: bed.derivations.length,
      columns: messages.map(({ column }) => column),
      timesMicros: messages.map(({ timeMicros }) => timeMicros),
      decibels,
    };
  }
}
