import { Random } from '../../../adapters/synthetic/random.js';
import type { BedStore } from '../../../daemon/history/bed-store.js';
import { TREND_NAMES, type BedHistory, type TrendName } from '../../../daemon/protocol/messages.js';
import { floatsOf } from '../../../daemon/protocol/codec.js';
import { bandProfile, columnSeconds, type ProfileName } from '../../../pipelines/core/profile.js';
import type { StreamInfo } from '../../../pipelines/core/signal.js';
import type { ColumnFrame, TrendFrame } from '../../../pipelines/items.js';

/** On a whole hour, so that slots and columns of any length begin with it. */
export const START = 1_700_000 * 1e9 - (1_700_000_000 % 86_400) * 1e6;
export const LABELS = ['C3-P3', 'Cz-C3', 'F8-avg', 'C3-C4', 'Fz-Cz'];
/** Which of them lie where, by hand. */
export const SIDES = { left: [0, 1], right: [2] } as const;

export interface StreamOptions {
  readonly seconds: number;
  readonly fromSeconds?: number;
  readonly labels?: readonly string[];
  readonly startTimeMicros?: number;
  readonly seed?: number;
  readonly profile?: ProfileName;
  /** Stream times at which there is no sample. */
  readonly gap?: readonly [number, number];
  /** Derivation that is NaN there. */
  readonly broken?: { readonly derivation: number; readonly between: readonly [number, number] };
}

export interface MadeStream {
  readonly info: StreamInfo;
  readonly items: readonly (ColumnFrame | TrendFrame)[];
}

/** Columns and trends as a pipeline gives them, of made-up values. */
export function makeStream(options: StreamOptions): MadeStream {
  const { seconds, fromSeconds = 0, labels = LABELS, startTimeMicros = START, seed = 1, gap, broken } = options;
  const profile = bandProfile(options.profile ?? 'slow');
  const random = new Random(seed, 'history');
  const items: (ColumnFrame | TrendFrame)[] = [];
  const half = profile.taperSeconds / 2;
  for (let column = 0; ; column++) {
    const centre = columnSeconds(profile, column);
    const end = centre + half;
    if (end > seconds) break;
    if (centre - half < fromSeconds) continue;
    if (gap !== undefined && end > gap[0] && centre - half < gap[1]) continue;
    const isBroken = (derivation: number): boolean =>
      broken?.derivation === derivation && end > broken.between[0] && centre - half < broken.between[1];
    const decibels = labels.map((_, d) => {
      const level = random.between(-40, 40);
      return Float32Array.from({ length: 128 }, () => (isBroken(d) ? NaN : level + random.between(-10, 10)));
    });
    items.push({ type: 'column', profile, column, decibels });
    if (Math.floor(end) > Math.floor(end - profile.hopSeconds)) {
      const list = (low: number, high: number, none: number): number[] =>
        labels.map((_, d) => (isBroken(d) ? none : random.between(low, high)));
      items.push({
        type: 'trends',
        seconds: end,
        deltaDb: list(0, 30, -40),
        thetaDb: list(0, 30, -40),
        alphaDb: list(0, 30, -40),
        betaDb: list(0, 30, -40),
        spectralEdgeHz: list(1, 16, 0),
        suppressionRatio: list(0.01, 1, 0),
        envelopeLowerMicrovolts: list(1, 5, 0),
        envelopeUpperMicrovolts: list(5, 50, 0),
      });
    }
  }
  const channels = labels.map((label) => ({ label, sourceLabel: label }));
  const info: StreamInfo = { type: 'info', channels, leftOut: [], sampleRate: 256, startTimeMicros, source: 'made' };
  return { info, items };
}

export async function feed(store: BedStore, { info, items }: MadeStream, isAgain = false): Promise<void> {
  store.begin(info);
  await goOn(store, items, isAgain);
}

/** Gives the disk time now and then: hours come in a moment here. */
export async function goOn(store: BedStore, items: MadeStream['items'], isAgain = false): Promise<void> {
  for (const [i, item] of items.entries()) {
    if (item.type === 'column') store.column(item, isAgain);
    else store.trends(item);
    if (i % 2000 === 1999) await store.written();
  }
}

/** Of one column of an answer and one side. */
export interface Expected {
  readonly bytes: readonly number[];
  readonly trends: Readonly<Record<TrendName, number>>;
}

/** What an answer must say, from the items themselves and by another way; undefined where nothing is there. */
export function expectedAt(
  { info, items }: MadeStream,
  derivations: readonly number[],
  fromMicros: number,
  columnSecondsLong: number,
): Expected | undefined {
  const within = (seconds: number): boolean => {
    const micros = info.startTimeMicros + seconds * 1e6;
    return micros >= fromMicros && micros < fromMicros + columnSecondsLong * 1e6;
  };
  const spectra = items.flatMap((item) => {
    if (item.type !== 'column' || !within(columnSeconds(item.profile, item.column))) return [];
    return derivations.map((d) => [...item.decibels[d]!]).filter((rows) => !Number.isNaN(rows[0]));
  });
  if (spectra.length === 0) return undefined;
  const bytes = Array.from({ length: 128 }, (_, row) => {
    const mean = spectra.reduce((sum, rows) => sum + 10 ** (rows[row]! / 10), 0) / spectra.length;
    return Math.max(0, Math.min(255, Math.round(2 * (10 * Math.log10(mean) + 60))));
  });
  const told = items.filter((item) => item.type === 'trends').filter(({ seconds }) => within(seconds));
  const mean = (name: TrendName): number => {
    // Made-up trends are never zero but where there is no signal.
    const values = told.flatMap((frame) =>
      derivations.flatMap((d) => (frame.spectralEdgeHz[d] === 0 ? [] : frame[name][d]!)),
    );
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return { bytes, trends: Object.fromEntries(TREND_NAMES.map((name) => [name, mean(name)])) as Expected['trends'] };
}

/** An answer's column and side, as plain values. */
export function columnOf(
  history: Pick<BedHistory, 'timesMicros' | 'regions'>,
  side: 'left' | 'right',
  timeMicros: number,
): (Expected & { readonly coverage: number }) | undefined {
  const at = history.timesMicros.indexOf(timeMicros);
  const region = history.regions.find((one) => one.region === side);
  if (at < 0 || region === undefined) return undefined;
  const trends = TREND_NAMES.map((name) => [name, floatsOf(region.trends[name])[at]] as const);
  return {
    bytes: [...region.decibels.subarray(at * 128, (at + 1) * 128)],
    trends: Object.fromEntries(trends) as Expected['trends'],
    coverage: floatsOf(region.coverage)[at]!,
  };
}
