/** The smallest tile that can be read, in units of the root font. */
const LEAST_WIDTH_REM = 11;
const LEAST_HEIGHT_REM = 7.5;
/** Width to height at which a tile's plot is best read. */
const BEST_ASPECT = 1.75;

export interface TileLayout {
  readonly columns: number;
  /** Height of a row in CSS pixels; the page scrolls where rows do not fit. */
  readonly rowHeight: number;
}

/**
 * How many columns of tiles make best use of an area: the largest tiles of a good shape that all fit, or, where they
 * cannot all fit, the smallest that can be read.
 *
 * @param width of the area, CSS pixels
 * @param height of the area, CSS pixels
 * @param gap between tiles, CSS pixels
 * @param rem root font size, CSS pixels
 */
export function tileLayout(nTiles: number, width: number, height: number, gap: number, rem: number): TileLayout {
  const leastHeight = LEAST_HEIGHT_REM * rem;
  let best: TileLayout = { columns: 1, rowHeight: Math.max(leastHeight, Math.min(height, width / BEST_ASPECT)) };
  let bestValue = Number.NEGATIVE_INFINITY;
  for (let columns = 1; columns <= Math.max(1, nTiles); columns++) {
    const tileWidth = (width - (columns - 1) * gap) / columns;
    if (columns > 1 && tileWidth < LEAST_WIDTH_REM * rem) break;
    const nRows = Math.ceil(nTiles / columns);
    const fitting = Math.floor((height - (nRows - 1) * gap) / nRows);
    const rowHeight = Math.max(leastHeight, Math.min(fitting, tileWidth));
    // What counts is the largest picture of the best shape inside the tile; scrolling and empty places cost.
    const picture = Math.min(tileWidth / BEST_ASPECT, rowHeight);
    const hidden = Math.max(0, (nRows * (rowHeight + gap)) / Math.max(1, height) - 1);
    const value = picture / (1 + hidden) - 0.1 * rem * (nRows * columns - nTiles);
    if (value > bestValue) {
      bestValue = value;
      best = { columns, rowHeight };
    }
  }
  return best;
}
