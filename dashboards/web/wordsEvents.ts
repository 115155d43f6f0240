import { inLanguages } from './language.js';

/** The list of chirp events and its rows. */
export const eventWords = inLanguages(
  {
    running: 'Running',
    ended: 'Ended',
    unknown: 'Was running',
    unfinished: 'End not seen',
    onset: (time: string) => `Onset ${time}`,
    lasted: (length: string) => `Lasted ${length}`,
    soFar: (length: string) => `${length} so far`,
    score: (score: string, derivations: string) => `Score ${score} · ${derivations}`,
    /** On the picture, where there is little room. */
    nDerivations: (n: number) => `${String(n)} der.`,
    derivation: (labels: string) => `1 derivation: ${labels}`,
    derivations: (n: number, labels: string) => `${String(n)} derivations: ${labels}`,
    someOf: (n: number, all: string) => `${String(n)} of ${all}`,
    /** Found by the machine, and marked by persons. */
    andMarked: (n: number, nAdded: number) => `${String(n)} + ${String(nAdded)} marked`,
    notLive: (count: string, time: string) => `${count}, not live since ${time}`,
  },
  {
    running: 'Läuft',
    ended: 'Zu Ende',
    unknown: 'Lief',
    unfinished: 'Ende nicht gesehen',
    onset: (time) => `Beginn ${time}`,
    lasted: (length) => `Dauer ${length}`,
    soFar: (length) => `bisher ${length}`,
    score: (score, derivations) => `Score ${score} · ${derivations}`,
    nDerivations: (n) => `${String(n)} Abl.`,
    derivation: (labels) => `1 Ableitung: ${labels}`,
    derivations: (n, labels) => `${String(n)} Ableitungen: ${labels}`,
    someOf: (n, all) => `${String(n)} von ${all}`,
    andMarked: (n, nAdded) => `${String(n)} + ${String(nAdded)} von Hand`,
    notLive: (count, time) => `${count}, getrennt seit ${time}`,
  },
);
