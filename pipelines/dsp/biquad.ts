/** One second-order section, normalised to a0 = 1: y = (b0 + b1/z + b2/z^2) / (1 + a1/z + a2/z^2) x. */
export interface Biquad {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

/**
 * Butterworth high-pass of second order, by the bilinear transform with the corner prewarped: the -3 dB point lies
 * exactly at `cornerHz`. Equals `scipy.signal.butter(2, cornerHz, 'highpass', fs=sampleRate)`.
 *
 * @param cornerHz between 0 and half of `sampleRate`
 */
export function butterworthHighpass(cornerHz: number, sampleRate: number): Biquad {
  const warped = Math.tan((Math.PI * cornerHz) / sampleRate);
  const scale = 1 / (1 + Math.SQRT2 * warped + warped * warped);
  return {
    b0: scale,
    b1: -2 * scale,
    b2: scale,
    a1: 2 * (warped * warped - 1) * scale,
    a2: (1 - Math.SQRT2 * warped + warped * warped) * scale,
  };
}

/**
 * Butterworth low-pass of second order, made as the high-pass is. Equals
 * `scipy.signal.butter(2, cornerHz, 'lowpass', fs=sampleRate)`.
 *
 * @param cornerHz between 0 and half of `sampleRate`
 */
export function butterworthLowpass(cornerHz: number, sampleRate: number): Biquad {
  const warped = Math.tan((Math.PI * cornerHz) / sampleRate);
  const squared = warped * warped;
  const scale = 1 / (1 + Math.SQRT2 * warped + squared);
  return {
    b0: squared * scale,
    b1: 2 * squared * scale,
    b2: squared * scale,
    a1: 2 * (squared - 1) * scale,
    a2: (1 - Math.SQRT2 * warped + squared) * scale,
  };
}

/**
 * Notch of second order with unit gain at 0 Hz and at half the rate. Equals `scipy.signal.iirnotch(centreHz, quality)`.
 *
 * @param quality centre frequency over -3 dB bandwidth
 */
export function notch(centreHz: number, quality: number, sampleRate: number): Biquad {
  const omega = (2 * Math.PI * centreHz) / sampleRate;
  const gain = 1 / (1 + Math.tan(omega / (2 * quality)));
  const middle = -2 * gain * Math.cos(omega);
  return { b0: gain, b1: middle, b2: gain, a1: middle, a2: 2 * gain - 1 };
}
