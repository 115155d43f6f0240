/** A figure with that many decimals; a dash where there is none. */
export function figureText(value: number | undefined, decimals: number): string {
  return value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(decimals);
}

/** A share of 0 to 1 in percent. */
export function shareText(share: number | undefined): string {
  return share === undefined ? '-' : `${(100 * share).toFixed(1)} %`;
}

/** A figure, and its confidence interval in brackets. */
export function intervalText(
  value: number | undefined,
  interval: { readonly low: number; readonly high: number } | undefined,
  decimals: number,
): string {
  if (value === undefined || interval === undefined) return '-';
  return `${value.toFixed(decimals)} (${interval.low.toFixed(decimals)}-${interval.high.toFixed(decimals)})`;
}
