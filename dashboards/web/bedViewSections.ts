/** One second-order section, a0 = 1: y = (b[0] + b[1]/z + b[2]/z^2) / (1 + a[0]/z + a[1]/z^2) x. */
export interface Section {
  readonly b: readonly [number, number, number];
  readonly a: readonly [number, number];
}

/** What the eye wants left out; `undefined` is off. */
export interface EegFilters {
  readonly highpassHz: number | undefined;
  readonly lowpassHz: number | undefined;
  readonly notchHz: number | undefined;
}

/** Notch centre over its -3 dB bandwidth: 1.7 Hz wide at 50 Hz. */
const NOTCH_QUALITY = 30;
/** Butterworth of second order. */
const BUTTERWORTH_QUALITY = Math.SQRT1_2;

/** Whether a corner lies below half the sample rate, where alone it means anything. */
export function isWithinReach(cornerHz: number, sampleRate: number): boolean {
  return cornerHz < sampleRate / 2;
}

/**
 * The sections of a choice of filters, in the order high-pass, low-pass, notch. High- and low-pass are Butterworth of
 * second order with -3 dB exactly at their corner, as `scipy.signal.butter` makes them; the notch is `iirnotch` with a
 * quality of 30. A corner that the sample rate does not reach is left out.
 */
export function eegSections({ highpassHz, lowpassHz, notchHz }: EegFilters, sampleRate: number): Section[] {
  const sections: Section[] = [];
  const add = (cornerHz: number | undefined, make: (cornerHz: number, sampleRate: number) => Section): void => {
    if (cornerHz !== undefined && isWithinReach(cornerHz, sampleRate)) sections.push(make(cornerHz, sampleRate));
  };
  add(highpassHz, (corner, rate) => pass(corner, rate, 'high'));
  add(lowpassHz, (corner, rate) => pass(corner, rate, 'low'));
  add(notchHz, notch);
  return sections;
}

/** By the bilinear transform, prewarped to the corner. */
function pass(cornerHz: number, sampleRate: number, kind: 'high' | 'low'): Section {
  const omega = (2 * Math.PI * cornerHz) / sampleRate;
  const [cos, alpha] = [Math.cos(omega), Math.sin(omega) / (2 * BUTTERWORTH_QUALITY)];
  const edge = (kind === 'low' ? 1 - cos : 1 + cos) / 2 / (1 + alpha);
  return {
    b: [edge, (kind === 'low' ? 2 : -2) * edge, edge],
    a: [(-2 * cos) / (1 + alpha), (1 - alpha) / (1 + alpha)],
  };
}

function notch(centreHz: number, sampleRate: number): Section {
  const omega = (2 * Math.PI * centreHz) / sampleRate;
  const gain = 1 / (1 + Math.tan(omega / (2 * NOTCH_QUALITY)));
  const middle = -2 * gain * Math.cos(omega);
  return { b: [gain, middle, gain], a: [middle, 2 * gain - 1] };
}
