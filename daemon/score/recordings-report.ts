import type { ChirpEvent } from '../../pipelines/core/event.js';
import { PROFILE_NAMES } from '../../pipelines/core/profile.js';
import { type ChirpFigures, chirpFigures } from './chirp-report.js';
import { type ChirpLabel, type EmptyLabel, isLabelOf } from './chirp-labels.js';
import { type ChirpScores, type ChirpTolerance, type ScoredChirp, scoreChirps } from './chirp-scoring.js';
import {
  type AnnotatedRecording,
  type EventFigures,
  type RecordingEventReport,
  reportAllEvents,
  reportEvents,
} from './event-report.js';
import type { HedScore, HypothesisEvent } from './hed-score.js';
import { unionOf } from './interval.js';

/** One recording after its replay, and what is known of it. */
export interface ReplayedRecording {
  /** As the user named it. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  readonly startTimeMicros: number;
  /** Length, gaps included. */
  readonly seconds: number;
  readonly gapSeconds: number;
  /** What the bed looked at. */
  readonly derivations: readonly string[];
  readonly profiles: readonly ChirpEvent['profile'][];
  /** Each chirp as it was told last. */
  readonly chirps: readonly ChirpEvent[];
  readonly annotations: HedScore | undefined;
}

export interface ScoringTask {
  /** Only chirps of at least this score count. */
  readonly threshold: number;
  readonly labels: readonly ChirpLabel[];
  readonly empties: readonly EmptyLabel[];
  readonly tolerance: ChirpTolerance;
}

export interface RecordingReport {
  readonly file: string;
  readonly seconds: number;
  readonly gapSeconds: number;
  readonly hypothesis: readonly HypothesisEvent[];
  /** Undefined without annotations. */
  readonly events: RecordingEventReport | undefined;
  /** By band profile; empty without labels. */
  readonly chirps: Readonly<Partial<Record<ChirpEvent['profile'], ChirpScores>>>;
}

export interface RecordingsReport {
  readonly recordings: readonly RecordingReport[];
  readonly events: ReturnType<typeof reportAllEvents> | undefined;
  /** Event figures at this threshold and higher ones. */
  readonly byThreshold: readonly (EventFigures & { readonly threshold: number })[];
  /** Over all band profiles and recordings that have labels; undefined without. */
  readonly chirps: ChirpFigures | undefined;
  readonly chirpsByProfile: Readonly<Partial<Record<ChirpEvent['profile'], ChirpFigures>>>;
}

const THRESHOLD_STEP = 0.05;

export function reportRecordings(replayed: readonly ReplayedRecording[], task: ScoringTask): RecordingsReport {
  const recordings = replayed.map((recording) => reportRecording(recording, task));
  const scoresOf = (profile: ChirpEvent['profile']): readonly ChirpScores[] =>
    recordings.flatMap(({ chirps }) => chirps[profile] ?? []);
  const profiles = PROFILE_NAMES.filter((profile) => scoresOf(profile).length > 0);
  const annotated = (threshold: number): readonly AnnotatedRecording[] =>
    replayed.flatMap((recording) => annotatedRecording(recording, threshold) ?? []);
  return {
    recordings,
    events: annotated(task.threshold).length > 0 ? reportAllEvents(annotated(task.threshold)) : undefined,
    byThreshold:
      annotated(task.threshold).length > 0
        ? thresholdsFrom(task.threshold).map((threshold) => ({
            threshold,
            ...reportAllEvents(annotated(threshold)).figures,
          }))
        : [],
    chirps: profiles.length > 0 ? chirpFigures(profiles.flatMap(scoresOf)) : undefined,
    chirpsByProfile: Object.fromEntries(profiles.map((profile) => [profile, chirpFigures(scoresOf(profile))])),
  };
}

function reportRecording(recording: ReplayedRecording, task: ScoringTask): RecordingReport {
  const { file, seconds, gapSeconds } = recording;
  const annotated = annotatedRecording(recording, task.threshold);
  return {
    file,
    seconds,
    gapSeconds,
    hypothesis: hypothesisEvents(recording, task.threshold),
    events: annotated && reportEvents(annotated),
    chirps: reportChirps(recording, task),
  };
}

function annotatedRecording(recording: ReplayedRecording, threshold: number): AnnotatedRecording | undefined {
  const { annotations, seconds, gapSeconds } = recording;
  if (annotations === undefined) return undefined;
  return { reference: annotations.seizures, hypothesis: hypothesisEvents(recording, threshold), seconds, gapSeconds };
}

/** When any derivation shows a chirp: the union of the events' intervals, cut to the recording. */
function hypothesisEvents({ chirps, seconds }: ReplayedRecording, threshold: number): readonly HypothesisEvent[] {
  const counted = chirps
    .filter(({ score, onsetSeconds }) => score >= threshold && onsetSeconds < seconds)
    .map((chirp) => ({
      ...chirp,
      onsetSeconds: Math.max(0, chirp.onsetSeconds),
      offsetSeconds: Math.min(seconds, chirp.offsetSeconds),
    }));
  return unionOf(counted).map(({ onsetSeconds, offsetSeconds, members }) => ({
    onsetSeconds,
    offsetSeconds,
    confidence: Math.max(...members.map(({ score }) => score)),
    channels: [...new Set(members.flatMap(({ derivations }) => derivations.map(({ label }) => label)))],
  }));
}

/** A recording without any label is not scored: nobody said that it holds no chirp. */
function reportChirps(recording: ReplayedRecording, task: ScoringTask): RecordingReport['chirps'] {
  const { path, chirps, derivations, profiles } = recording;
  const labels = task.labels.filter((label) => isLabelOf(label, path));
  const empties = task.empties.filter((empty) => isLabelOf(empty, path));
  const reports = profiles.flatMap((profile) => {
    const isOfProfile = (marked: { readonly profile: ChirpEvent['profile'] | undefined }): boolean =>
      marked.profile === undefined || marked.profile === profile;
    const [own, none] = [labels.filter(isOfProfile), empties.filter(isOfProfile)];
    if (own.length === 0 && none.length === 0) return [];
    const events = chirps
      .filter((chirp) => chirp.profile === profile && chirp.score >= task.threshold)
      .map((chirp) => scoredChirp(chirp));
    return [[profile, scoreChirps(own, none, events, derivations, task.tolerance)] as const];
  });
  return Object.fromEntries(reports);
}

function scoredChirp(chirp: ChirpEvent): ScoredChirp {
  const { onsetSeconds, offsetSeconds, startFrequencyHz, endFrequencyHz, score, derivations } = chirp;
  return {
    onsetSeconds,
    offsetSeconds,
    startFrequencyHz,
    endFrequencyHz,
    score,
    derivations: derivations.map(({ label }) => label),
  };
}

/** The threshold itself, and every multiple of the step above it. */
function thresholdsFrom(threshold: number): readonly number[] {
  const steps = Array.from({ length: 1 / THRESHOLD_STEP }, (_, i) => Math.round(i * 5) / 100);
  return [threshold, ...steps.filter((step) => step > threshold)];
}
