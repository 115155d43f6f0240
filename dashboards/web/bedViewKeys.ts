import type { EegSetting } from './bedViewSettings.js';

/** What a key press asks of the bed view. */
export type BedViewCommand =
  | { readonly type: 'step'; readonly name: EegSetting; readonly step: 1 | -1 }
  | { readonly type: 'derivation' | 'montage'; readonly step: 1 | -1 }
  | { readonly type: 'focus'; readonly on: 'eeg' | 'spectrogram' }
  /** To the page before or after, or a second on. */
  | { readonly type: 'turn'; readonly step: 1 | -1; readonly by: 'page' | 'second' }
  | { readonly type: 'live' | 'pause' | 'mark' | 'rules' | 'help' | 'back' };

export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  /** Whether the focus is on something that the space bar presses itself: a button, a link, a fold. */
  readonly onButton: boolean;
}

const FILTER_KEYS: Readonly<Record<string, EegSetting>> = { t: 'timeBase', h: 'highpass', l: 'lowpass', n: 'notch' };

/** @returns undefined where the key means nothing here */
export function commandOf({ key, shiftKey, onButton }: KeyPress): BedViewCommand | undefined {
  const step = shiftKey ? -1 : 1;
  const letter = key.toLowerCase();
  const filter = Object.hasOwn(FILTER_KEYS, letter) ? FILTER_KEYS[letter] : undefined;
  if (filter !== undefined) return { type: 'step', name: filter, step };
  switch (letter) {
    // Larger waves are fewer microvolts a millimetre.
    case '+':
    case '=':
      return { type: 'step', name: 'gain', step: -1 };
    case '-':
    case '_':
      return { type: 'step', name: 'gain', step: 1 };
    case ' ':
      return onButton ? undefined : { type: 'pause' };
    case 'p':
      return { type: 'pause' };
    case 'm':
      return { type: 'montage', step };
    case 'd':
      return { type: 'derivation', step };
    case 'e':
      return { type: 'focus', on: 'eeg' };
    case 's':
      return { type: 'focus', on: 'spectrogram' };
    case 'pageup':
      return { type: 'turn', step: -1, by: shiftKey ? 'second' : 'page' };
    case 'pagedown':
      return { type: 'turn', step: 1, by: shiftKey ? 'second' : 'page' };
    case 'v':
    case 'end':
      return { type: 'live' };
    case 'a':
      return { type: 'mark' };
    case 'r':
      return { type: 'rules' };
    case '?':
      return { type: 'help' };
    case 'escape':
      return { type: 'back' };
    default:
      return undefined;
  }
}
