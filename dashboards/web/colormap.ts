/** Number of entries of the colour table. */
export const COLOUR_STEPS = 256;

/**
 * The board's colour map: from dark violet over blue and green to light yellow, with OKLab lightness rising in equal
 * steps, so that equal differences in dB look equally large and the order survives in grey and for colour-blind eyes.
 * OKLab: B. Ottosson, "A perceptual color space for image processing", 2020.
 *
 * @returns 256 pixels as `ImageData` stores them when viewed as little-endian Uint32: 0xAABBGGRR, opaque
 */
export function colourTable(): Uint32Array {
  const table = new Uint32Array(COLOUR_STEPS);
  for (let i = 0; i < COLOUR_STEPS; i++) {
    const u = i / (COLOUR_STEPS - 1);
    const [red, green, blue] = inGamut(0.2 + 0.74 * u, 0.05 + 0.16 * Math.sqrt(u), 300 - 198 * u ** 0.9);
    table[i] = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  }
  return table;
}

type Rgb = readonly [number, number, number];

/** The most saturated colour up to `chroma` of this lightness and hue that a screen can show, as bytes. */
function inGamut(lightness: number, chroma: number, hueDegrees: number): Rgb {
  const hue = (hueDegrees * Math.PI) / 180;
  for (let c = chroma; ; c -= 0.004) {
    const rgb = oklabToLinearRgb(lightness, Math.max(c, 0) * Math.cos(hue), Math.max(c, 0) * Math.sin(hue));
    if (c <= 0 || rgb.every((value) => value >= 0 && value <= 1))
      return [encode(rgb[0]), encode(rgb[1]), encode(rgb[2])];
  }
}

function oklabToLinearRgb(lightness: number, a: number, b: number): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** Linear light in [0, 1] to an sRGB byte (IEC 61966-2-1). */
function encode(linear: number): number {
  const value = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));
}
