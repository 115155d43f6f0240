import type { EegFilters } from './bedViewSections.js';

/** What may be chosen for the EEG page. 0 stands for "off". */
export const CHOICES = {
  /** Microvolts a millimetre, from large waves to small ones. */
  gain: [1, 2, 3, 5, 7, 10, 15, 20, 30, 50],
  /** Millimetres a second. */
  timeBase: [15, 30, 60],
  highpass: [0, 0.5, 1, 5],
  lowpass: [0, 15, 35, 70],
  notch: [0, 50, 60],
} as const satisfies Record<string, readonly number[]>;

export type EegSetting = keyof typeof CHOICES;
export type EegSettings = Readonly<Record<EegSetting, number>>;

/** 30 mm/s and 7 uV/mm as on paper (ACNS guideline 1); below 0.5 Hz electrodes drift, above 70 Hz muscles speak. */
export const DEFAULT_SETTINGS: EegSettings = { gain: 7, timeBase: 30, highpass: 0.5, lowpass: 70, notch: 0 };

/** The choice `step` places on; gain and time base end at their ends, filters go round. */
export function stepped(settings: EegSettings, name: EegSetting, step: number): EegSettings {
  const choices: readonly number[] = CHOICES[name];
  const at = choices.indexOf(settings[name]) + step;
  const goesRound = name !== 'gain' && name !== 'timeBase';
  const place = goesRound ? (at + choices.length) % choices.length : Math.min(choices.length - 1, Math.max(0, at));
  return { ...settings, [name]: choices[place] ?? settings[name] };
}

export function filtersOf({ highpass, lowpass, notch }: EegSettings): EegFilters {
  const hz = (value: number): number | undefined => (value === 0 ? undefined : value);
  return { highpassHz: hz(highpass), lowpassHz: hz(lowpass), notchHz: hz(notch) };
}

/** What a browser kept, as far as it is a choice that there is. */
export function readSettings(kept: string | null): EegSettings {
  let values: unknown;
  try {
    values = JSON.parse(kept ?? '');
  } catch {
    return DEFAULT_SETTINGS;
  }
  if (typeof values !== 'object' || values === null) return DEFAULT_SETTINGS;
  const known = Object.entries(values).filter(
    ([name, value]) =>
      Object.hasOwn(CHOICES, name) && (CHOICES[name as EegSetting] as readonly unknown[]).includes(value),
  );
  return { ...DEFAULT_SETTINGS, ...(Object.fromEntries(known) as Partial<EegSettings>) };
}
