import type { EegTime } from './bedViewDraw.js';
import type { EegPage } from './bedViewPage.js';
import type { EegSamples } from './bedViewSamples.js';
import type { OfferedMontage } from '../../daemon/protocol/messages.js';
import { isWithinReach } from './bedViewSections.js';
import type { EegSettings } from './bedViewSettings.js';
import { numberText } from './language.js';
import { clockText } from './timeText.js';
import { bedViewWords } from './wordsBedView.js';

/** What a page is, in words: `10 s page, 30 mm/s, 7 µV/mm, high-pass 0.5 Hz, low-pass 70 Hz, notch off, negative up`. */
export function pageText(
  page: EegPage,
  settings: EegSettings,
  sampleRate: number | undefined,
  magnification: number,
): string {
  const words = bedViewWords();
  const filter = (name: string, hz: number): string => {
    if (hz === 0) return words.filterOff(name);
    const isBeyond = sampleRate !== undefined && !isWithinReach(hz, sampleRate);
    return (isBeyond ? words.filterBeyond : words.filterHz)(name, shortText(hz));
  };
  return [
    words.page(shortText(page.seconds)),
    `${settings.timeBase} mm/s`,
    `${settings.gain} µV/mm`,
    ...(magnification === 1 ? [] : [words.magnified(shortText(magnification))]),
    filter(words.lowerHighpass, settings.highpass),
    filter(words.lowerLowpass, settings.lowpass),
    filter(words.lowerNotch, settings.notch),
    words.negativeUp,
  ].join(', ');
}

/** What of a montage is not shown, and why; empty where all is. @param isOther whether the page's channels are others */
export function montageText(montage: OfferedMontage | undefined, isOther: boolean | undefined): string {
  const words = bedViewWords();
  if (isOther === true) return words.otherChannels;
  if (montage === undefined || montage.leftOut.length === 0) return '';
  return words.leftOut(montage.leftOut.map(({ label }) => label).join(', '));
}

/** A place of a page. */
export interface EegPlaceAt {
  /** Unix seconds. */
  readonly clock: number;
  readonly derivation: number;
  readonly name: string;
}

/** What is there: `14:03:22.125  F7-T7  −12.5 µV`. */
export function valueText(samples: EegSamples, time: EegTime, { clock, derivation, name }: EegPlaceAt): string {
  const index = Math.round((clock - time.startSeconds) * samples.sampleRate);
  const value = samples.at(derivation, index);
  const millis = String(Math.floor((clock % 1) * 1000)).padStart(3, '0');
  const missing = index >= samples.begin && index < samples.end ? bedViewWords().gap : bedViewWords().noData;
  const text = Number.isNaN(value) ? missing : `${numberText(value, 1).replace('-', '−')} µV`;
  return `${clockText(clock * 1000, time.utc)}.${millis}  ${name}  ${text}`;
}

/** With one digit after the point, where there is one. */
export function shortText(value: number): string {
  return numberText(value, Number.isInteger(Number(value.toFixed(1))) ? 0 : 1);
}
