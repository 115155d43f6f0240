/** Number of values that the sample counter of a Cyton takes. */
const COUNTER_PERIOD = 256;
/** Rows come in bursts over the radio: a shorter time without any is no loss by itself. */
const SILENCE_SECONDS = 1;

/**
 * How much the counter rises from row to row: 1, or 2 where a Daisy sends every second packet. Undefined where the
 * column does not count like that.
 * @param indices sample indices of the first rows
 */
export function counterStep(indices: readonly number[]): 1 | 2 | undefined {
  if (!indices.every((index) => Number.isInteger(index) && index >= 0 && index < COUNTER_PERIOD)) return undefined;
  const rises = indices.slice(1).map((index, i) => (index - (indices[i] as number) + COUNTER_PERIOD) % COUNTER_PERIOD);
  const share = (step: number): number => rises.filter((rise) => rise === step).length / rises.length;
  if (share(1) > 0.5) return 1;
  return share(2) > 0.5 ? 2 : undefined;
}

export interface RowPlace {
  /** As the row has it; undefined for a board whose index is not understood. */
  readonly index: number | undefined;
  /** When the row came, seconds. */
  readonly seconds: number | undefined;
}

/**
 * Samples that are missing between two rows. The counter tells how many, as far as it counts: it comes round after 256,
 * and the time stamps tell how often it has. Without a counter only a silence of more than 1 s is taken for a loss.
 * @param step of `counterStep`
 */
export function lostBetween(previous: RowPlace, next: RowPlace, sampleRate: number, step: 1 | 2 | undefined): number {
  const seconds =
    previous.seconds === undefined || next.seconds === undefined ? undefined : next.seconds - previous.seconds;
  const elapsed = seconds === undefined ? undefined : seconds * sampleRate - 1;
  if (step === undefined || previous.index === undefined || next.index === undefined) {
    return elapsed !== undefined && (seconds as number) > SILENCE_SECONDS ? Math.max(0, Math.round(elapsed)) : 0;
  }
  const rise = (next.index - previous.index - step + 2 * COUNTER_PERIOD) % COUNTER_PERIOD;
  const lost = Math.floor(rise / step);
  if (elapsed === undefined) return lost;
  const period = COUNTER_PERIOD / step;
  return Math.max(0, lost + period * Math.round((elapsed - lost) / period));
}
