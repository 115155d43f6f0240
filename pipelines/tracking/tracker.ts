import type { ChirpEvent, EventPhase, ModelIdentity } from '../core/event.js';
import { type BandProfile, CANVAS, canvasSeconds, columnSeconds } from '../core/profile.js';
import type { StreamInfo } from '../core/signal.js';
import type { DetectionStep } from '../items.js';
import { type Cluster, clusterCandidates, isSame, type SameRidge } from './cluster.js';
import { candidateOf, type Ridge, sweptHz } from './ridge.js';
import { describeChirp } from './telling.js';
import { Track, type TrackState } from './track.js';

export interface TrackingOptions {
  readonly bed: string;
  /** Presence at which a chirp is told. Default 0.8. */
  readonly presence?: number;
  /** Presence down to which a told chirp is followed. Default 0.25. */
  readonly keepPresence?: number;
  /** Sightings of at least `presence` among the last four before a chirp is told. Default 2. */
  readonly confirmSteps?: number;
  /** A text's digest, for event ids: hexadecimal, at least 16 digits. */
  readonly digest: (text: string) => string;
  /** How far the resampler looks beyond a column's last sample: a telling rests on samples up to there. Default 0. */
  readonly reachSeconds?: number;
  /** Whatever else changes what is found (montage, filters), so that other settings give other ids. */
  readonly settings?: string;
}

/** A chirp moves by this many rows between onset and offset, and lasts 2 s (`fast`: 0.5 s): DESIGN's definition. */
const MINIMUM_ROWS = 4;
/** Candidates may fall a little short of both: estimates scatter, and the track's median decides. */
const SLACK = 0.75;
/** Steps without a sighting after which a chirp has ended. */
const PATIENCE_STEPS = 6;
/** Sightings in a row that must say "ended", and how long ago the ridge must have ended, in columns. */
const ENDED_SIGHTINGS = 4;
const SETTLE_COLUMNS = 10;
/** A ridge that reaches this much beyond the offset that was told goes on. */
const RESUME_SECONDS = 6;
/** Steps that a told chirp's ridge was seen as another one's, told before, and not as its own: then they are one. */
const MERGE_STEPS = 4;
/** An update is told at most this often, in detection steps, and only for a change that a person would care about. */
const UPDATE_STEPS = 6;

interface Told {
  readonly id: string;
  revision: number;
  column: number;
  last: ChirpEvent;
}

/** All that a tracker knows after a detection step, as plain data: with it a program that starts anew goes on. */
export interface TrackerState {
  /** Of the stream, profile and settings: a state means nothing to a tracker of others. */
  readonly identity: string;
  readonly newestColumn: number;
  readonly followed: readonly {
    readonly track: TrackState;
    readonly told?: Told;
    readonly ended: boolean;
    /** `by`: index into this list. */
    readonly rival?: { readonly by: number; readonly nSteps: number };
    readonly merged: boolean;
  }[];
}

interface Followed {
  readonly track: Track;
  told: Told | undefined;
  ended: boolean;
  /** Who was seen along its ridge in its stead, and in how many steps since it was last seen itself. */
  rival: { readonly by: Followed; nSteps: number } | undefined;
  /** It was told apart and is another one's: it never comes back. */
  merged: boolean;
}

/**
 * Turns overlapping detections into events with a life: one chirp is one event, however many canvases and derivations
 * show it. Depends on the detections alone, never on clocks.
 */
export class Tracker {
  private readonly info: StreamInfo;
  private readonly profile: BandProfile;
  private readonly options: TrackingOptions;
  private followed: Followed[] = [];
  private readonly presence: number;
  private readonly keepPresence: number;
  private readonly confirmSteps: number;
  private readonly minimumSeconds: number;
  private readonly same: SameRidge;
  private readonly rivalry: SameRidge;
  private newestColumn = 0;
  /** Of the newest step: an adapter may be swapped in a chirp's life. */
  private model: ModelIdentity = { name: '', sha256: '', adapter: '', adapterSha256: '' };

  constructor(info: StreamInfo, profile: BandProfile, options: TrackingOptions) {
    this.info = info;
    this.profile = profile;
    this.options = options;
    this.presence = options.presence ?? 0.8;
    this.keepPresence = options.keepPresence ?? 0.25;
    this.confirmSteps = options.confirmSteps ?? 2;
    this.minimumSeconds = profile.name === 'fast' ? 0.5 : 2;
    this.same = { hz: 4 * profile.rowHz, share: 0.05 };
    this.rivalry = { hz: 6 * profile.rowHz, share: 0.075 };
  }

  /** Of another stream, profile or settings: false, and nothing is taken. Call it before the first step. */
  restore(state: TrackerState): boolean {
    if (state.identity !== this.identity()) return false;
    this.newestColumn = state.newestColumn;
    this.followed = state.followed.map(({ track, told, ended, merged }) => ({
      track: new Track(track),
      told: told && { ...told },
      ended,
      merged,
      rival: undefined,
    }));
    state.followed.forEach(({ rival }, i) => {
      const by = rival && this.followed[rival.by];
      const follower = this.followed[i];
      if (by && follower) follower.rival = { by, nSteps: rival.nSteps };
    });
    return true;
  }

  state(): TrackerState {
    const { followed } = this;
    return {
      identity: this.identity(),
      newestColumn: this.newestColumn,
      followed: followed.map(({ track, told, ended, merged, rival }) => {
        // A rival that has been forgotten counts no more: it can never be told again.
        const by = rival ? followed.indexOf(rival.by) : -1;
        return {
          track: track.state(),
          ...(told && { told: { ...told } }),
          ended,
          merged,
          ...(rival && by >= 0 && { rival: { by, nSteps: rival.nSteps } }),
        };
      }),
    };
  }

  /** What is to be told after a detection step, oldest chirp first. */
  step(step: DetectionStep): ChirpEvent[] {
    this.newestColumn = step.column;
    this.model = step.model;
    this.sight(step);
    const events = this.followed.flatMap((f) => this.advance(f));
    this.forget();
    return events;
  }

  /** The stream has ended: every chirp that was told ends where it was last seen. */
  finish(): ChirpEvent[] {
    const events = this.followed.filter((f) => f.told && !f.ended).map((f) => this.tell(f, 'offset'));
    this.followed = [];
    return events;
  }

  private sight(step: DetectionStep): void {
    const candidates = step.slots.flatMap((slots, derivation) =>
      slots
        .filter((s) => s.presence >= this.keepPresence)
        .map((s) => candidateOf(s, derivation, this.profile, step.column))
        .filter((c) => c.offsetSeconds - c.onsetSeconds >= SLACK * this.minimumSeconds),
    );
    const leftEdge = canvasSeconds(this.profile, step.column, 0) + 2 * this.profile.hopSeconds;
    // What moves too little is left out only now: a slow fundamental claims harmonics that move faster than it does.
    for (const cluster of clusterCandidates(candidates, this.same)) {
      if (sweptHz(cluster) < SLACK * MINIMUM_ROWS * this.profile.rowHz) continue;
      const home = this.home(cluster);
      // A second cluster of a chirp that this step has shown already adds nothing.
      if (home.track.lastColumn === step.column) continue;
      home.track.see(cluster, step.column, cluster.onsetSeconds > leftEdge);
      home.rival = undefined;
    }
  }

  /** The followed chirp a cluster belongs to; a new one if there is none. */
  private home(cluster: Cluster): Followed {
    const near = this.followed.filter(
      ({ track, merged }) =>
        !merged && [track.ridge(), track.newest].some((ridge) => isSame(ridge, cluster, this.same)),
    );
    // Ridges begun apart may turn out to be one: whoever was told keeps it, and the other starves unheard.
    const known = near.find((f) => f.told && !f.ended) ?? near.find((f) => f.told) ?? near[0];
    if (known) {
      if (known.told) this.outshine(known, cluster);
      return known;
    }
    const created: Followed = { track: new Track(), told: undefined, ended: false, rival: undefined, merged: false };
    this.followed.push(created);
    return created;
  }

  /** Told chirps that the cluster might as well have belonged to: one that is seen no more as its own is this one's. */
  private outshine(by: Followed, cluster: Cluster): void {
    for (const f of this.followed) {
      if (f === by || !f.told || f.ended || f.track.lastColumn === this.newestColumn) continue;
      const isNear = [f.track.ridge(), f.track.newest].some((ridge) => isSame(ridge, cluster, this.rivalry));
      if (!isNear) continue;
      if (f.rival?.by !== by) f.rival = { by, nSteps: 0 };
      f.rival.nSteps++;
    }
  }

  private advance(f: Followed): ChirpEvent[] {
    const { track } = f;
    if (f.merged) return [];
    if (f.told && !f.ended && f.rival?.by.told && f.rival.nSteps >= MERGE_STEPS) {
      f.merged = true;
      return [this.tell(f, 'offset', f.rival.by.told.id)];
    }
    if (f.ended) {
      // Told as ended, and yet it went on: its life is taken up again rather than begun twice.
      if (f.told && track.ridge().offsetSeconds > f.told.last.offsetSeconds + RESUME_SECONDS) f.ended = false;
      else return [];
    }
    if (!f.told) {
      const isChirp =
        track.lastColumn === this.newestColumn &&
        track.countStrong(this.presence, 4) >= this.confirmSteps &&
        track.sweptHz() >= MINIMUM_ROWS * this.profile.rowHz &&
        this.lasts(track.ridge()) >= this.minimumSeconds;
      return isChirp ? [this.tell(f, 'onset')] : [];
    }
    const lost = this.newestColumn - track.lastColumn > PATIENCE_STEPS * CANVAS.detectionStepColumns;
    const settled = columnSeconds(this.profile, this.newestColumn - SETTLE_COLUMNS) > track.ridge().offsetSeconds;
    if (lost || (track.saysEnded(ENDED_SIGHTINGS) && settled)) return [this.tell(f, 'offset')];
    return this.changed(f.told, track) ? [this.tell(f, 'update')] : [];
  }

  private identity(): string {
    const { bed, settings = '', presence, confirmSteps } = this.options;
    const { startTimeMicros, sampleRate, channels } = this.info;
    const labels = channels.map(({ label }) => label);
    return JSON.stringify([
      bed,
      settings,
      presence,
      confirmSteps,
      this.profile.name,
      startTimeMicros,
      sampleRate,
      labels,
    ]);
  }

  private lasts(ridge: Ridge): number {
    return ridge.offsetSeconds - ridge.onsetSeconds;
  }

  private changed(told: Told, track: Track): boolean {
    if (this.newestColumn - told.column < UPDATE_STEPS * CANVAS.detectionStepColumns) return false;
    const ridge = track.ridge();
    const rows = 2 * this.profile.rowHz;
    return (
      Math.abs(ridge.endHz - told.last.endFrequencyHz) >= rows ||
      Math.abs(ridge.startHz - told.last.startFrequencyHz) >= rows ||
      Math.abs(ridge.onsetSeconds - told.last.onsetSeconds) >= 1 ||
      ridge.offsetSeconds - told.last.offsetSeconds >= 5
    );
  }

  private tell(f: Followed, phase: EventPhase, mergedInto?: string): ChirpEvent {
    const body = describeChirp(
      f.track,
      phase,
      this.newestColumn,
      this.info,
      this.profile,
      this.options,
      this.model,
      mergedInto,
    );
    if (f.told === undefined) f.track.told();
    const id = f.told?.id ?? this.options.digest(JSON.stringify([body, this.options.settings])).slice(0, 16);
    const event: ChirpEvent = { id, revision: (f.told?.revision ?? -1) + 1, ...body };
    f.told = { id, revision: event.revision, column: this.newestColumn, last: event };
    f.ended = phase === 'offset';
    return event;
  }

  /** An ended chirp is remembered while canvases still show it, so that it is not told again; a faint one is dropped. */
  private forget(): void {
    this.followed = this.followed.filter((f) => {
      const unseen = this.newestColumn - f.track.lastColumn;
      return unseen <= (f.told ? CANVAS.columns : 2 * PATIENCE_STEPS * CANVAS.detectionStepColumns);
    });
  }
}
