import { inLanguages, numberText } from './language.js';

/** Texts of the pictures of hours, on the tiles and in the bed's view. */
export const arrayWords = inLanguages(
  {
    gap: 'gap',
    left: 'left',
    right: 'right',
    loading: 'Loading the last hours',
    notLoaded: 'The last hours cannot be read; trying again',
    none: 'No history is kept of this bed',
    empty: 'No history yet',
    noSides: 'No derivation lies on one side of the head',
    late: (since: string) => `Not renewed since ${since}`,
    legendLow: (decibels: number) => `${decibelsText(decibels)} dB`,
    legendHigh: (decibels: number) => `${decibelsText(decibels)} dB`,
    legend: (low: number, high: number) =>
      `Fixed scale, the same for all beds: dark is ${decibelsText(low)} dB, light is ${decibelsText(high)} dB above 1 µV²/Hz`,
    picture: (bed: string, hours: number, state: string, nChirps: number) =>
      `Spectrum of ${bed}, left over right, last ${String(hours)} h. ${state}. ${nChirps === 1 ? '1 chirp' : `${String(nChirps)} chirps`}.`,
  },
  {
    gap: 'Lücke',
    left: 'links',
    right: 'rechts',
    loading: 'Die letzten Stunden werden geladen',
    notLoaded: 'Die letzten Stunden sind nicht lesbar; neuer Versuch folgt',
    none: 'Von diesem Bett wird kein Verlauf aufbewahrt',
    empty: 'Noch kein Verlauf',
    noSides: 'Keine Ableitung liegt auf einer Kopfseite',
    late: (since: string) => `Nicht erneuert seit ${since}`,
    legendLow: (decibels: number) => `${decibelsText(decibels)} dB`,
    legendHigh: (decibels: number) => `${decibelsText(decibels)} dB`,
    legend: (low: number, high: number) =>
      `Feste Skala, für alle Betten gleich: dunkel ist ${decibelsText(low)} dB, hell ist ${decibelsText(high)} dB über 1 µV²/Hz`,
    picture: (bed: string, hours: number, state: string, nChirps: number) =>
      `Spektrum von ${bed}, links über rechts, letzte ${String(hours)} h. ${state}. ${nChirps === 1 ? '1 Chirp' : `${String(nChirps)} Chirps`}.`,
  },
);

/** With a minus that is as wide as the digits. */
export function decibelsText(decibels: number, nDigits = 0): string {
  return numberText(decibels, nDigits).replace('-', '−');
}
