import { inLanguages } from './language.js';

/** How urgent an alarm is. */
export const priorityWords = inLanguages(
  { high: 'High', medium: 'Medium', low: 'Low' },
  { high: 'Hoch', medium: 'Mittel', low: 'Niedrig' },
);

/** Lists and rows of alarms, acknowledging, and what was missed. */
export const alarmWords = inLanguages(
  {
    ended: 'ended',
    seen: 'seen',
    none: 'No alarms',
    noneKnown: 'No alarm known: not connected',
    asOf: (time: string) => `Not connected. Alarms of the daemon as of ${time}:`,
    notStored: 'not on disk yet',
    since: (time: string, length: string) => `since ${time}, ${length}`,
    over: (from: string, to: string, length: string, ago: string) => `${from} to ${to}, ${length}; ended ${ago} ago`,
    acknowledge: 'Acknowledge',
    acknowledgeWhat: (what: string) => `Acknowledge: ${what}`,
    acknowledged: (name: string, time: string) => `acknowledged by ${name} at ${time}`,
    isOver: 'This is over.',
    acknowledgedBy: (name: string) => `Acknowledged by ${name}.`,
    notAcknowledged: 'Not acknowledged',
    slept: (from: string, to: string, length: string) =>
      `This board was asleep and knew nothing from ${from} to ${to} (${length}).`,
    cameAndWent: 'Alarms that came and went while this board did not hear the daemon:',
    missed: (sign: string, from: string, to: string, what: string) => `${sign}, ${from} to ${to}: ${what}`,
    moreMissed: (n: number) => `and ${String(n)} before these`,
    unheard: 'This board does not hear the daemon: what it shows is old, and alarms do not come through',
    unreached: 'This board has not reached the daemon: alarms do not come through',
    title: 'chirpd board',
  },
  {
    ended: 'vorbei',
    seen: 'quittiert',
    none: 'Keine Alarme',
    noneKnown: 'Kein Alarm bekannt: getrennt',
    asOf: (time) => `Getrennt. Alarme des Daemons, Stand ${time}:`,
    notStored: 'noch nicht gespeichert',
    since: (time, length) => `seit ${time}, ${length}`,
    over: (from, to, length, ago) => `${from} bis ${to}, ${length}; vorbei seit ${ago}`,
    acknowledge: 'Quittieren',
    acknowledgeWhat: (what) => `Quittieren: ${what}`,
    acknowledged: (name, time) => `quittiert von ${name} um ${time}`,
    isOver: 'Der Alarm ist vorbei.',
    acknowledgedBy: (name) => `Von ${name} quittiert.`,
    notAcknowledged: 'Nicht quittiert',
    slept: (from, to, length) => `Dieses Board hat geschlafen und wusste von ${from} bis ${to} nichts (${length}).`,
    cameAndWent: 'Alarme, die kamen und gingen, während dieses Board den Daemon nicht hörte:',
    missed: (sign, from, to, what) => `${sign}, ${from} bis ${to}: ${what}`,
    moreMissed: (n) => `und ${String(n)} davor`,
    unheard: 'Dieses Board hört den Daemon nicht: was es zeigt, ist alt, und Alarme kommen nicht durch',
    unreached: 'Dieses Board hat den Daemon nicht erreicht: Alarme kommen nicht durch',
    title: 'chirpd-Board',
  },
);

/** The sound of the alarms and its controls. */
export const soundWords = inLanguages(
  {
    off: 'Sound is off: click to switch it on',
    missing: 'This browser has no sound: alarms are silent',
    pause: 'Pause sound 2 min',
    again: 'Sound again',
    paused: (left: string) => `Sound paused on this board only: ${left}`,
    check: 'Sound check',
    checking: (priority: string) => `Sound check: ${priority}`,
  },
  {
    off: 'Ton ist aus: zum Einschalten klicken',
    missing: 'Dieser Browser hat keinen Ton: Alarme sind stumm',
    pause: 'Ton 2 min pausieren',
    again: 'Ton wieder an',
    paused: (left) => `Ton pausiert, nur an diesem Board: ${left}`,
    check: 'Tonprobe',
    checking: (priority) => `Tonprobe: ${priority}`,
  },
);
