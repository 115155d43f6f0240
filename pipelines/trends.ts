import { concatMap, defer, type OperatorFunction } from 'rxjs';
import type { AmplitudeFrame } from './core/amplitude.js';
import type { BandProfile } from './core/profile.js';
import { BandPowers } from './dsp/bandPowers.js';
import type { ColumnFrame, TrendFrame } from './items.js';
import type { LeaveOut } from './leave-out.js';

/** Trends that are taken up again have no amplitudes for so long, which is not the same as a signal of none. */
const SETTLING_FRAMES = 2;

/**
 * Follows the first column that ends in each new second of stream time with the band powers in it, and with the
 * amplitudes of the last whole second before its end. Whether a column is that one depends on its absolute index alone.
 * Amplitudes are consumed; they must come before the columns that end after them, and without them a derivation says 0.
 * Every other item passes through; columns of other profiles are none of its business. What is left out is not computed.
 */
export function trends<Item extends { readonly type: string }>(
  profile: BandProfile,
  leaveOut?: Pick<LeaveOut, 'trends' | 'onTrends'>,
): OperatorFunction<Item | ColumnFrame | AmplitudeFrame, Item | ColumnFrame | TrendFrame> {
  return (source) =>
    defer(() => {
      const powers = new BandPowers(profile);
      const amplitudes = new Amplitudes();
      let nSettling = 0;
      return source.pipe(
        concatMap((item): readonly (Item | ColumnFrame | TrendFrame)[] => {
          if (isAmplitude(item)) {
            amplitudes.add(item);
            return [];
          }
          if (!isColumn(item) || item.profile.name !== profile.name || !isFirstOfSecond(item)) return [item];
          const amplitude = amplitudes.take(Math.floor(endSeconds(profile, item.column)));
          if (leaveOut?.trends() === true) nSettling = SETTLING_FRAMES + 1;
          if (nSettling > 0) {
            nSettling--;
            leaveOut?.onTrends();
            return [item];
          }
          return [item, trendFrame(powers, amplitude, item)];
        }),
      );
    });
}

/** Amplitudes that wait for their column: of a long block, those of all its seconds. */
class Amplitudes {
  #waiting: AmplitudeFrame[] = [];

  add(frame: AmplitudeFrame): void {
    // Another stream began, and counts its seconds anew.
    if ((this.#waiting.at(-1)?.second ?? 0) >= frame.second) this.#waiting = [];
    this.#waiting.push(frame);
  }

  /** Those at the end of a second; what is older is forgotten. */
  take(second: number): AmplitudeFrame | undefined {
    while ((this.#waiting[0]?.second ?? Infinity) < second) this.#waiting.shift();
    return this.#waiting[0]?.second === second ? this.#waiting.shift() : undefined;
  }
}

/** Stream time of the column's end. */
function endSeconds({ hopSamples, taperSamples, sampleRate }: BandProfile, column: number): number {
  return (column * hopSamples + taperSamples) / sampleRate;
}

function isFirstOfSecond({ profile, column }: ColumnFrame): boolean {
  return Math.floor(endSeconds(profile, column)) > Math.floor(endSeconds(profile, column - 1));
}

function trendFrame(
  powers: BandPowers,
  amplitude: AmplitudeFrame | undefined,
  { profile, column, decibels }: ColumnFrame,
): TrendFrame {
  const bands = decibels.map((rows) => powers.measure(rows));
  const none = (): number[] => bands.map(() => 0);
  return {
    type: 'trends',
    seconds: endSeconds(profile, column),
    deltaDb: bands.map(({ deltaDb }) => deltaDb),
    thetaDb: bands.map(({ thetaDb }) => thetaDb),
    alphaDb: bands.map(({ alphaDb }) => alphaDb),
    betaDb: bands.map(({ betaDb }) => betaDb),
    spectralEdgeHz: bands.map(({ spectralEdgeHz }) => spectralEdgeHz),
    suppressionRatio: amplitude?.suppressionRatio ?? none(),
    envelopeLowerMicrovolts: amplitude?.envelopeLowerMicrovolts ?? none(),
    envelopeUpperMicrovolts: amplitude?.envelopeUpperMicrovolts ?? none(),
  };
}

function isColumn(item: { readonly type: string }): item is ColumnFrame {
  return item.type === 'column';
}

function isAmplitude(item: { readonly type: string }): item is AmplitudeFrame {
  return item.type === 'amplitude';
}
