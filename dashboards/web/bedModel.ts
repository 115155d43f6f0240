import type {
  BedInfo,
  EventMessage,
  GapMessage,
  SpectrogramHistory,
  SpectrogramMessage,
  StreamMessage,
} from '../../daemon/protocol/messages.js';
import { ColumnRing, ROWS } from './columnRing.js';
import { Playhead } from './playhead.js';

/** The longest window that a tile can show, and the most columns that are kept for it. */
const KEPT_SECONDS = 300;
const MAXIMUM_COLUMNS = 1100;
/** Columns kept beyond the window, so that the picture can lag a little behind the newest. */
const SLACK_COLUMNS = 12;
/** Without data for so long, a bed is shown as stale: under 2 s from the last sample, heartbeat and drawing included. */
const STALE_AFTER_MS = 1300;
/** The list of beds is renewed at least this often; one older says nothing about now. */
const FIRST_COLUMN_WITHIN_MS = 6000;
/** The stream clock runs in microseconds that were rounded on their way. */
const TOLERANCE_SECONDS = 0.5;
/** Seconds (at speed 1) by which word of a stream may run ahead of its columns. */
const REACH_SECONDS = 10;
const MAXIMUM_MARKS = 400;

/** What a word of a stream says of its bed's state; `start` comes with a list of beds, which says more. */
const STATE_AFTER: Readonly<Partial<Record<StreamMessage['what'], BedInfo['state']>>> = {
  lost: 'reconnecting',
  resumed: 'streaming',
  end: 'ended',
  failed: 'failed',
};

export type Freshness = 'waiting' | 'fresh' | 'stale' | 'ended' | 'failed';

/** What the board knows of one bed. Times are seconds from the stream's first sample unless the name says otherwise. */
export class BedModel {
  readonly name: string;
  info: BedInfo;
  ring: ColumnRing | undefined;
  playhead = new Playhead();
  /** Gaps and annotations by their place in the stream, each once. */
  readonly gaps = new Map<string, GapMessage>();
  readonly annotations = new Map<string, StreamMessage>();
  /** Events known at the bed's clock, in order of onset; another list whenever one of them is another. Set by the board. */
  events: readonly EventMessage[] = [];
  hopSeconds = 0;
  rowHz = 0;
  /** Rises whenever `ring` is a new one, or got columns other than at its end. */
  generation = 0;
  /** Which band profile is shown. */
  profile: string;
  /** Whether anyone can see it: set by its tile. */
  isShown = true;
  #infoAtMs: number;
  #dataAtMs = Number.NEGATIVE_INFINITY;
  #clockSeconds = 0;
  #column0Seconds = 0;

  constructor(info: BedInfo, nowMs: number) {
    this.name = info.bed;
    this.info = info;
    this.profile = info.profiles[0]?.name ?? '';
    this.#infoAtMs = nowMs;
    this.#advance(info.newestTimeMicros);
  }

  /** Stream time reached, Unix microseconds; 0 before the first sample. */
  get clockMicros(): number {
    return this.info.newestTimeMicros === 0 ? 0 : this.info.startTimeMicros + this.#clockSeconds * 1e6;
  }

  get clockSeconds(): number {
    return this.#clockSeconds;
  }

  secondsOf(timeMicros: number): number {
    return (timeMicros - this.info.startTimeMicros) / 1e6;
  }

  microsOf(seconds: number): number {
    return this.info.startTimeMicros + seconds * 1e6;
  }

  /** Centre of a column. */
  columnSeconds(column: number): number {
    return this.#column0Seconds + column * this.hopSeconds;
  }

  /** Right edge of the newest column; NaN before the first. */
  get newestEdgeSeconds(): number {
    return this.ring === undefined ? Number.NaN : this.columnSeconds(this.ring.newest) + this.hopSeconds / 2;
  }

  /** How long a window this bed's columns can fill. */
  windowSeconds(wanted: number): number {
    return this.ring === undefined ? wanted : Math.min(wanted, (this.ring.capacity - SLACK_COLUMNS) * this.hopSeconds);
  }

  /** @returns whether the stream began anew, so that what was known of its future is no longer past */
  update(info: BedInfo, nowMs: number): boolean {
    const restarted =
      info.startTimeMicros !== this.info.startTimeMicros ||
      info.newestTimeMicros < this.clockMicros - TOLERANCE_SECONDS * 1e6 ||
      info.derivations.length !== this.info.derivations.length;
    this.info = info;
    this.#infoAtMs = nowMs;
    if (restarted) this.#restart();
    this.#advance(info.newestTimeMicros);
    if (!info.profiles.some(({ name }) => name === this.profile)) this.show(info.profiles[0]?.name ?? '');
    return restarted;
  }

  /** Shows another band profile. */
  show(profile: string): void {
    if (profile === this.profile) return;
    this.profile = profile;
    this.#dropColumns();
  }

  /** Whether the daemon knows already what the bed's stream holds. */
  get isDescribed(): boolean {
    return this.info.derivations.length > 0;
  }

  /** Whether that is still to come. */
  get isExpected(): boolean {
    return !this.isDescribed && this.info.state !== 'failed' && this.info.state !== 'ended';
  }

  addColumn(message: SpectrogramMessage, nowMs: number): void {
    if (!this.isDescribed) return;
    this.#dataAtMs = nowMs;
    this.#advance(message.timeMicros);
    if (message.profile !== this.profile) return;
    if (this.#ringFor(message).put(message.column, message.decibels)) {
      this.#placeColumns(message.column, message.timeMicros);
    }
  }

  /**
   * Columns from before those that came live, or missed between them. Those that are here already stay, and those of
   * another stream, profile or montage are left aside.
   */
  addHistory(history: SpectrogramHistory): void {
    const { profile, startTimeMicros, nDerivations, columns, timesMicros, decibels } = history;
    if (profile !== this.profile || startTimeMicros !== this.info.startTimeMicros) return;
    const nBytes = nDerivations * ROWS;
    const isWhole = decibels.length === columns.length * nBytes && timesMicros.length === columns.length;
    const newest = columns.at(-1);
    if (nDerivations !== this.info.derivations.length || !isWhole || newest === undefined) return;
    const ring = this.#ringFor(history);
    const added = columns.filter((column, i) => ring.insert(column, decibels.subarray(i * nBytes, (i + 1) * nBytes)));
    if (added.length === 0) return;
    const newestMicros = timesMicros.at(-1) ?? 0;
    this.#placeColumns(newest, newestMicros);
    this.#advance(newestMicros);
    this.generation++;
  }

  addGap(gap: GapMessage): void {
    remember(this.gaps, `${String(gap.onsetTimeMicros)}+${String(gap.offsetTimeMicros)}`, gap);
  }

  addAnnotation(message: StreamMessage): void {
    remember(this.annotations, `${String(message.timeMicros)} ${message.text}`, message);
  }

  forgetMarks(): void {
    this.gaps.clear();
    this.annotations.clear();
  }

  /**
   * Someone told of samples at this stream time, so the bed has them. Not believed far ahead of what was seen: it may
   * be about the stream before it began anew.
   */
  reach(timeMicros: number): void {
    const ahead = this.secondsOf(timeMicros) - this.#clockSeconds;
    if (this.info.newestTimeMicros !== 0 && ahead < REACH_SECONDS * Math.max(1, this.info.speed)) {
      this.#advance(timeMicros);
    }
  }

  /** The stream's end, or its device's loss, was told, which the next list of beds will confirm. */
  follow({ what, text, timeMicros }: StreamMessage): void {
    const state = STATE_AFTER[what];
    const isUnderWay = this.info.state === 'streaming' || this.info.state === 'reconnecting';
    if (state === undefined || !isUnderWay || Math.abs(this.secondsOf(timeMicros) - this.#clockSeconds) > REACH_SECONDS)
      return;
    this.info = { ...this.info, state, stateText: state === 'streaming' ? '' : text };
  }

  /** Data of any kind came: for beds whose columns are not shown. */
  touch(nowMs: number): void {
    this.#dataAtMs = nowMs;
  }

  /** Milliseconds since this bed's newest sample arrived at the daemon, as far as the board can know; -1 before the first. */
  ageMs(nowMs: number): number {
    const byInfo =
      this.info.newestAgeMs < 0 ? Number.POSITIVE_INFINITY : this.info.newestAgeMs + nowMs - this.#infoAtMs;
    const age = Math.min(byInfo, nowMs - this.#dataAtMs);
    return Number.isFinite(age) ? age : -1;
  }

  freshness(nowMs: number, connected: boolean): Freshness {
    if (!connected) return 'stale';
    if (this.info.state === 'ended' || this.info.state === 'failed') return this.info.state;
    const age = this.ageMs(nowMs);
    if (age < 0 || this.#awaitsFirstColumn(nowMs)) return 'waiting';
    const slow = this.info.speed > 0 && this.info.speed < 1 ? this.info.speed : 1;
    return age > STALE_AFTER_MS / slow ? 'stale' : 'fresh';
  }

  /** Samples come, but not yet enough of them for a column: a taper's length, and what the filters hold back. */
  #awaitsFirstColumn(nowMs: number): boolean {
    const isAny = Number.isFinite(this.#dataAtMs) || this.ring !== undefined;
    if (isAny || this.info.newestAgeMs > STALE_AFTER_MS) return false;
    return nowMs - this.#infoAtMs < FIRST_COLUMN_WITHIN_MS;
  }

  /** A recording has its own time, years ago perhaps; a live stream has the wall clock's. */
  isRecording(serverTimeMicros: number): boolean {
    if (this.info.speed !== 1) return true;
    return this.clockMicros !== 0 && Math.abs(serverTimeMicros - this.clockMicros) > 3600e6;
  }

  #advance(timeMicros: number): void {
    if (timeMicros !== 0) this.#clockSeconds = Math.max(this.#clockSeconds, this.secondsOf(timeMicros));
  }

  #restart(): void {
    this.#clockSeconds = 0;
    this.#dataAtMs = Number.NEGATIVE_INFINITY;
    this.forgetMarks();
    this.#dropColumns();
  }

  #ringFor({ hopSeconds, rowHz }: Pick<SpectrogramMessage, 'hopSeconds' | 'rowHz'>): ColumnRing {
    const nDerivations = this.info.derivations.length;
    if (this.ring?.nDerivations === nDerivations && hopSeconds === this.hopSeconds) return this.ring;
    this.#dropColumns();
    this.hopSeconds = hopSeconds;
    this.rowHz = rowHz;
    const nColumns = Math.min(MAXIMUM_COLUMNS, Math.ceil(KEPT_SECONDS / hopSeconds));
    this.ring = new ColumnRing(nDerivations, nColumns + SLACK_COLUMNS);
    return this.ring;
  }

  #placeColumns(column: number, timeMicros: number): void {
    this.#column0Seconds = this.secondsOf(timeMicros) - column * this.hopSeconds;
  }

  #dropColumns(): void {
    this.ring = undefined;
    this.playhead = new Playhead();
    this.generation++;
  }
}

/** Keeps a mark once, and forgets the oldest of too many. */
function remember<Mark>(marks: Map<string, Mark>, key: string, mark: Mark): void {
  marks.set(key, mark);
  const [oldest] = marks.keys();
  if (marks.size > MAXIMUM_MARKS && oldest !== undefined) marks.delete(oldest);
}
