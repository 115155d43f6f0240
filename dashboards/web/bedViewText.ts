import type { EegPage } from './bedViewPage.js';
import { isWithinReach } from './bedViewSections.js';
import type { EegSettings } from './bedViewSettings.js';

/** What a page is, in words: `10 s page, 30 mm/s, 7 µV/mm, high-pass 0.5 Hz, low-pass 70 Hz, notch off, negative up`. */
export function pageText(
  page: EegPage,
  settings: EegSettings,
  sampleRate: number | undefined,
  magnification: number,
): string {
  const filter = (name: string, hz: number): string => {
    if (hz === 0) return `${name} off`;
    if (sampleRate !== undefined && !isWithinReach(hz, sampleRate)) return `${name} ${hz} Hz beyond the sample rate`;
    return `${name} ${hz} Hz`;
  };
  const seconds = Number(page.seconds.toFixed(1));
  return [
    `${seconds} s page`,
    `${settings.timeBase} mm/s`,
    `${settings.gain} µV/mm`,
    ...(magnification === 1 ? [] : [`millimetres ×${magnification}`]),
    filter('high-pass', settings.highpass),
    filter('low-pass', settings.lowpass),
    filter('notch', settings.notch),
    'negative up',
  ].join(', ');
}
