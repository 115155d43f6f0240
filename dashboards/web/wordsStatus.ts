import { inLanguages } from './language.js';

/** The connection, and what each bed does. Short: they stand on tiles. */
export const statusWords = inLanguages(
  {
    connecting: 'Connecting',
    connected: 'Connected',
    notLiveSince: (time: string) => `Not live since ${time}`,
    lost: (time: string) => `Connection lost at ${time}, trying again`,
    notConnected: 'Not connected',
    tooSlow: (n: number, topic: string) => `This browser was too slow for ${String(n)} messages (${topic}).`,
    noDataYet: 'no data yet',
    dataAge: (age: string) => `data ${age} old`,
    replayPaused: 'Replay, paused',
    replayFull: 'Replay, full speed',
    replay: (speed: number) => `Replay ×${String(speed)}`,
    noData: 'No data',
    starting: 'Starting',
    noDevice: 'No device',
    ended: 'Ended',
    failed: 'Failed',
    live: 'Live',
    noConnection: (time: string) => `Not live: no connection since ${time}`,
    waiting: 'Waiting',
    waitingForData: 'Waiting for the first data',
    paused: 'Paused',
    notLive: (age: string, since: string) => `Not live: ${age}${since}`,
    since: (time: string) => `, since ${time}`,
    noEegFor: (age: string, since: string) => `Not live: no EEG for ${age}${since}`,
    noEeg: 'No EEG',
    streamEnded: 'The stream has ended',
    sourceFailed: 'The source has failed',
  },
  {
    connecting: 'Verbindet',
    connected: 'Verbunden',
    notLiveSince: (time) => `Nicht live seit ${time}`,
    lost: (time) => `Verbindung verloren um ${time}, neuer Versuch läuft`,
    notConnected: 'Getrennt',
    tooSlow: (n, topic) => `Dieser Browser war zu langsam für ${String(n)} Nachrichten (${topic}).`,
    noDataYet: 'noch keine Daten',
    dataAge: (age) => `Daten ${age} alt`,
    replayPaused: 'Replay, Pause',
    replayFull: 'Replay, max.',
    replay: (speed) => `Replay ×${String(speed)}`,
    noData: 'Keine Daten',
    starting: 'Startet',
    noDevice: 'Kein Gerät',
    ended: 'Zu Ende',
    failed: 'Ausgefallen',
    live: 'Live',
    noConnection: (time) => `Nicht live: keine Verbindung seit ${time}`,
    waiting: 'Wartet',
    waitingForData: 'Wartet auf die ersten Daten',
    paused: 'Angehalten',
    notLive: (age, since) => `Nicht live: ${age}${since}`,
    since: (time) => `, seit ${time}`,
    noEegFor: (age, since) => `Nicht live: kein EEG seit ${age}${since}`,
    noEeg: 'Kein EEG',
    streamEnded: 'Das Signal ist zu Ende',
    sourceFailed: 'Die Signalquelle ist ausgefallen',
  },
);

/** What is wrong with a channel; its labels stand before it. */
export const faultWords = inLanguages(
  { off: 'off', saturated: 'saturated', flat: 'flat', hum: 'mains hum' },
  { off: 'ab', saturated: 'übersteuert', flat: 'Nulllinie', hum: 'Netzbrummen' },
);

/** How many chirps a bed has had. */
export const chirpWords = inLanguages(
  {
    short: (n: number, fiveMinutes: string) => `${String(n)} in 1 h, ${fiveMinutes} of 5 min`,
    long: (n: number, hour: string, fiveMinutes: string) =>
      `Chirps: ${String(n)} in the last hour (${hour} of it), ${fiveMinutes} of the last 5 minutes`,
  },
  {
    short: (n, fiveMinutes) => `${String(n)} in 1 h, ${fiveMinutes} von 5 min`,
    long: (n, hour, fiveMinutes) =>
      `Chirps: ${String(n)} in der letzten Stunde (${hour} davon), ${fiveMinutes} der letzten 5 Minuten`,
  },
);
