import { type ConfidenceInterval, poissonInterval, wilsonInterval } from './confidence.js';
import { addCounts, type Counts, type Rates, ratesOf } from './counts.js';
import { type EventScores, scoreEvents } from './event-scoring.js';
import { type Interval, unionOf } from './interval.js';
import { scoreSamples } from './sample-scoring.js';

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3600;

/** A figure and its 95 % confidence interval. */
export interface Estimate extends ConfidenceInterval {
  readonly value: number;
}

export interface EventFigures extends Counts, Rates {
  readonly sensitivityInterval: ConfidenceInterval | undefined;
  readonly precisionInterval: ConfidenceInterval | undefined;
  /** Recorded signal that the figures rest on, seconds without gaps. */
  readonly recordedSeconds: number;
  /** Of these, those outside reference events. */
  readonly backgroundSeconds: number;
  /** Per 24 h of recorded signal. */
  readonly falsePerDay: Estimate | undefined;
  /** Per hour outside reference events. */
  readonly falsePerBackgroundHour: Estimate | undefined;
}

/** One recording that has annotations. */
export interface AnnotatedRecording {
  readonly reference: readonly Interval[];
  readonly hypothesis: readonly Interval[];
  /** Length, gaps included. */
  readonly seconds: number;
  readonly gapSeconds: number;
}

export interface RecordingEventReport extends EventScores {
  readonly figures: EventFigures;
  readonly samples: Counts & Rates;
}

export function reportEvents(recording: AnnotatedRecording): RecordingEventReport {
  const { reference, hypothesis, seconds } = recording;
  const scores = scoreEvents(reference, hypothesis, seconds);
  const samples = scoreSamples(reference, hypothesis, seconds);
  return {
    ...scores,
    figures: eventFigures(scores, ...recordedSeconds([recording])),
    samples: { ...samples, ...ratesOf(samples) },
  };
}

/** Counts of all recordings together, and what they come to. */
export function reportAllEvents(recordings: readonly AnnotatedRecording[]): {
  readonly figures: EventFigures;
  readonly samples: Counts & Rates;
} {
  const reports = recordings.map(reportEvents);
  const samples = addCounts(reports.map((report) => report.samples));
  return {
    figures: eventFigures(addCounts(reports), ...recordedSeconds(recordings)),
    samples: { ...samples, ...ratesOf(samples) },
  };
}

function eventFigures(counts: Counts, recorded: number, background: number): EventFigures {
  const { nReference, nHits, nFalse } = counts;
  return {
    nReference,
    nHits,
    nFalse,
    ...ratesOf(counts),
    sensitivityInterval: wilsonInterval(nHits, nReference),
    precisionInterval: wilsonInterval(nHits, nHits + nFalse),
    recordedSeconds: recorded,
    backgroundSeconds: background,
    falsePerDay: rateEstimate(nFalse, recorded / DAY_SECONDS),
    falsePerBackgroundHour: rateEstimate(nFalse, background / HOUR_SECONDS),
  };
}

/** How often something happens that was counted over an exposure. */
export function rateEstimate(count: number, exposure: number): Estimate | undefined {
  if (!(exposure > 0)) return undefined;
  const { low, high } = poissonInterval(count);
  return { value: count / exposure, low: low / exposure, high: high / exposure };
}

/** Seconds of recorded signal, and those of them outside reference events. */
function recordedSeconds(recordings: readonly AnnotatedRecording[]): readonly [number, number] {
  let [recorded, background] = [0, 0];
  for (const { reference, seconds, gapSeconds } of recordings) {
    const marked = unionOf(reference).reduce(
      (sum, { onsetSeconds, offsetSeconds }) => sum + Math.max(0, Math.min(offsetSeconds, seconds) - onsetSeconds),
      0,
    );
    recorded += seconds - gapSeconds;
    background += Math.max(0, seconds - gapSeconds - marked);
  }
  return [recorded, background];
}
