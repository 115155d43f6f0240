import type { AlarmCode, PatientAlarmCode } from '../../daemon/alarms/alarm-codes.js';

/** What the daemon's own words, which are English, hold beside what the German sentence says. */
type Detail = 'none' | 'whole' | 'reason';

export interface GermanAlarm {
  /**
   * @param bed '' where it is of the daemon as a whole
   * @param figure what `figure` has found; undefined: nothing
   */
  readonly say: (bed: string, figure: string | undefined) => string;
  /** `reason`: what stands behind the first colon after the bed's name. */
  readonly detail: Detail;
  /** The figure in the daemon's words: where it is found, nothing of them is left to show. */
  readonly figure?: RegExp;
}

/** Every alarm that the daemon raises, in German. Its own texts, English, are what is shown in English. */
export const GERMAN_ALARMS: Readonly<Record<AlarmCode | PatientAlarmCode, GermanAlarm>> = {
  BED_FAILED: { say: (bed) => `${bed}: Signalquelle ausgefallen, kommt nicht von selbst wieder`, detail: 'reason' },
  BED_DEVICE_LOST: { say: (bed) => `${bed}: Gerät nicht verbunden`, detail: 'reason' },
  BED_NO_SAMPLES: { say: (bed) => `${bed}: Gerät verbunden, liefert aber keine Daten`, detail: 'none' },
  DETECTION_STEPS_LEFT_OUT: { say: (bed) => `${bed}: Chirp-Erkennung lückenhaft`, detail: 'reason' },
  OVERLOADED_TRENDS: { say: () => 'Rechner überlastet: Verläufe werden nicht berechnet', detail: 'none' },
  OVERLOADED_DETECTION: {
    say: (_, n) =>
      `Rechner überlastet: ${n === undefined ? 'weniger Erkennungsschritte' : `nur jeder ${n}. Erkennungsschritt läuft`}, Chirps werden später gemeldet`,
    detail: 'none',
    figure: /only 1 of (\d+) /,
  },
  MODEL_NOT_RUNNING: { say: () => 'Chirp-Erkennung steht und wird neu gestartet', detail: 'reason' },
  MODEL_FILES_DAMAGED: { say: () => 'Dateien des Modells beschädigt, es läuft noch', detail: 'reason' },
  MODEL_FALLEN_BACK: { say: () => 'Chirp-Erkennung rechnet nicht mit der eingestellten Hardware', detail: 'reason' },
  MEMORY_SHORT: { say: () => 'Arbeitsspeicher fast voll', detail: 'reason' },
  DISK_FULL: { say: () => 'Festplatte voll oder fast voll', detail: 'whole' },
  TIMELINE_REFUSES: { say: () => 'Ereignisse lassen sich nicht speichern', detail: 'whole' },
  TIMELINE_RECORDS_LOST: { say: () => 'Gespeicherte Ereignisse haben Lücken', detail: 'whole' },
  RECORDING_FAILING: { say: (bed) => `${bed}: wird nicht aufgezeichnet`, detail: 'reason' },
  JOURNAL_FAILING: {
    say: (bed) => `${bed}: neueste Daten ungesichert, nach einem Neustart beginnt die Erkennung von vorn`,
    detail: 'reason',
  },
  HISTORY_FAILING: { say: (bed) => `${bed}: Verlauf der letzten Stunden wird nicht gespeichert`, detail: 'reason' },
  WEBHOOK_FAILING: { say: () => 'Alarme erreichen nicht alle Empfänger', detail: 'reason' },
  INFLUX_FAILING: { say: () => 'InfluxDB nimmt keine Daten an', detail: 'reason' },
  INFLUX_RECORDS_MISSED: { say: () => 'Einträge fehlen in InfluxDB', detail: 'whole' },
  CLOCK_JUMPED: { say: () => 'Uhr des Rechners verstellt, oder er hat geschlafen', detail: 'whole' },
  SERVER_CERTIFICATE: { say: () => 'TLS-Zertifikat des Daemons muss erneuert werden', detail: 'whole' },
  SERVER_TOKENS: { say: () => 'Token-Datei unbrauchbar, die bekannten Tokens gelten weiter', detail: 'reason' },
  SERVER_INSECURE: { say: () => 'Daemon im Netz ohne TLS oder Tokens erreichbar', detail: 'whole' },
  AUDIT_FAILING: { say: () => 'Wer was ändert, wird nicht aufgeschrieben', detail: 'reason' },
  CONFIG_REFUSED: { say: () => 'Konfigurationsdatei fehlerhaft, die bisherige gilt weiter', detail: 'reason' },
  CHIRP: { say: (bed) => `${bed}: Chirp`, detail: 'none' },
  CHIRP_RATE: {
    say: (bed, n) => `${bed}: ${n === undefined ? 'viele' : `mindestens ${n}`} Chirps in der letzten Stunde`,
    detail: 'reason',
    figure: /^(\d+) or more /,
  },
  CHIRP_BURDEN: {
    say: (bed, percent) =>
      percent === undefined
        ? `${bed}: viele Chirps in den letzten 5 Minuten`
        : `${bed}: Chirps in mindestens ${percent} % der letzten 5 Minuten`,
    detail: 'reason',
    figure: / (\d+) % or more /,
  },
};
