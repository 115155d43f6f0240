import { inLanguages } from './language.js';

/** Marking what the machine has missed: the button, and its dialog. Fields that all labels have: wordsLabels.ts. */
export const markWords = inLanguages(
  {
    mark: 'Mark…',
    markTitle: 'Mark something that the machine has missed. Key A; or drag over the picture',
    heading: (bed: string, day: string) => `Mark something on ${bed}, ${day}`,
    what: 'What is it?',
    startHz: 'From, Hz (may stay empty)',
    endHz: 'To, Hz (may stay empty)',
    derivations: 'Derivations (may stay empty)',
    derivationsHint: 'F3-C3, F4-C4',
    notBefore: 'It must end after it begins.',
    noText: 'Say what it is.',
    ahead: 'This time has not come yet.',
    beside: 'All boards show it at once, as yours. It changes nothing of what the machine says, and raises no alarm.',
  },
  {
    mark: 'Markieren…',
    markTitle: 'Etwas markieren, was die Maschine nicht gesehen hat. Taste A; oder über das Bild ziehen',
    heading: (bed, day) => `${bed}, ${day}: etwas markieren`,
    what: 'Was ist es?',
    startHz: 'Von, Hz (kann leer bleiben)',
    endHz: 'Bis, Hz (kann leer bleiben)',
    derivations: 'Ableitungen (kann leer bleiben)',
    derivationsHint: 'F3-C3, F4-C4',
    notBefore: 'Das Ende muss nach dem Beginn liegen.',
    noText: 'Geben Sie an, was es ist.',
    ahead: 'Diese Zeit ist noch nicht gekommen.',
    beside:
      'Alle Boards zeigen es sofort, als Ihres. Es ändert nichts an dem, was die Maschine sagt, und löst keinen Alarm aus.',
  },
);
