import type { TrendsMessage } from '../protocol/messages.js';
import type { Hub, HubReader, LiveMessage, LiveTopic } from '../server/hub.js';
import { floatField, integerField } from './field-text.js';
import { MEASUREMENTS, microsToNanos, type InfluxPoint } from './influx-point.js';

/** Stream time that one point stands for. */
export const TREND_SECONDS = 10;
const TREND_MICROS = TREND_SECONDS * 1e6;

/** How the numbers of ten seconds become one. */
const FIELDS = {
  deltaDb: meanOf,
  thetaDb: meanOf,
  alphaDb: meanOf,
  betaDb: meanOf,
  spectralEdgeHz: meanOf,
  suppressionRatio: meanOf,
  envelopeLowerMicrovolts: lowestOf,
  envelopeUpperMicrovolts: highestOf,
} as const satisfies Partial<Record<keyof TrendsMessage, (values: readonly number[]) => number>>;
type FieldName = keyof typeof FIELDS;

/** What has come of one bed in the ten seconds from `startMicros`. */
interface TrendSpan {
  readonly startMicros: number;
  readonly derivations: readonly string[];
  readonly messages: TrendsMessage[];
}

/** Makes one point of every ten seconds of stream time and derivation, from the trends that beds tell once a second. */
export class TrendCollector implements HubReader {
  readonly #hub: Hub;
  readonly #onPoints: (points: readonly InfluxPoint[]) => void;
  readonly #spans = new Map<string, TrendSpan>();
  #removeReader: (() => void) | undefined;

  constructor(hub: Hub, onPoints: (points: readonly InfluxPoint[]) => void) {
    this.#hub = hub;
    this.#onPoints = onPoints;
  }

  start(): void {
    this.#removeReader ??= this.#hub.addReader(this);
  }

  /** Gives what has not come to its end, and takes no more. */
  stop(): void {
    this.#removeReader?.();
    for (const bed of [...this.#spans.keys()]) this.#end(bed);
  }

  wants(topic: LiveTopic): boolean {
    return topic === 'trends';
  }

  receive(message: LiveMessage): void {
    if (message.type !== 'trends') return;
    const { bed, timeMicros } = message;
    const startMicros = Math.floor(timeMicros / TREND_MICROS) * TREND_MICROS;
    const span = this.#spans.get(bed);
    if (span?.startMicros === startMicros) {
      span.messages.push(message);
      return;
    }
    this.#end(bed);
    const derivations = this.#hub.bed(bed)?.info().derivations ?? [];
    this.#spans.set(bed, { startMicros, derivations, messages: [message] });
  }

  bedGone(bed: string): void {
    this.#end(bed);
  }

  #end(bed: string): void {
    const span = this.#spans.get(bed);
    if (span === undefined) return;
    this.#spans.delete(bed);
    this.#onPoints(trendPoints(bed, span));
  }
}

function trendPoints(bed: string, { startMicros, derivations, messages }: TrendSpan): readonly InfluxPoint[] {
  return derivations.map((derivation, i): InfluxPoint => {
    const valuesOf = (name: FieldName): readonly number[] =>
      messages.flatMap((message) => message[name][i] ?? []).filter(Number.isFinite);
    const names = Object.keys(FIELDS) as FieldName[];
    return {
      measurement: MEASUREMENTS.trends,
      tags: { bed, derivation },
      fields: {
        ...Object.fromEntries(names.map((name) => [name, floatField(FIELDS[name](valuesOf(name)))])),
        nSeconds: integerField(messages.length),
      },
      timeNanos: microsToNanos(startMicros),
    };
  });
}

/** NaN where there is none, as of the others. */
function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the seconds in which there was an envelope; 0 where there was none in any. */
function lowestOf(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const told = values.filter((value) => value > 0);
  return told.length === 0 ? 0 : Math.min(...told);
}

function highestOf(values: readonly number[]): number {
  return values.length === 0 ? NaN : Math.max(...values);
}
