import { concatMap, defer, type OperatorFunction } from 'rxjs';
import type { BandProfile } from './core/profile.js';
import { BandPowers } from './dsp/bandPowers.js';
import type { ColumnFrame, TrendFrame } from './items.js';

/**
 * Follows the first column that ends in each new second of stream time with the band powers in it. Whether a column is
 * that one depends on its absolute index alone. Every item passes through; columns of other profiles are none of its
 * business.
 */
export function trends<Item extends { readonly type: string }>(
  profile: BandProfile,
): OperatorFunction<Item | ColumnFrame, Item | ColumnFrame | TrendFrame> {
  return (source) =>
    defer(() => {
      const powers = new BandPowers(profile);
      return source.pipe(
        concatMap((item): readonly (Item | ColumnFrame | TrendFrame)[] =>
          isColumn(item) && item.profile.name === profile.name && isFirstOfSecond(item)
            ? [item, trendFrame(powers, item)]
            : [item],
        ),
      );
    });
}

/** Stream time of the column's end. */
function endSeconds({ hopSamples, taperSamples, sampleRate }: BandProfile, column: number): number {
  return (column * hopSamples + taperSamples) / sampleRate;
}

function isFirstOfSecond({ profile, column }: ColumnFrame): boolean {
  return Math.floor(endSeconds(profile, column)) > Math.floor(endSeconds(profile, column - 1));
}

function trendFrame(powers: BandPowers, { profile, column, decibels }: ColumnFrame): TrendFrame {
  const bands = decibels.map((rows) => powers.measure(rows));
  return {
    type: 'trends',
    seconds: endSeconds(profile, column),
    deltaDb: bands.map(({ deltaDb }) => deltaDb),
    thetaDb: bands.map(({ thetaDb }) => thetaDb),
    alphaDb: bands.map(({ alphaDb }) => alphaDb),
    betaDb: bands.map(({ betaDb }) => betaDb),
    spectralEdgeHz: bands.map(({ spectralEdgeHz }) => spectralEdgeHz),
  };
}

function isColumn(item: { readonly type: string }): item is ColumnFrame {
  return item.type === 'column';
}
