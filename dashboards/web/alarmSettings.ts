/** What this browser remembers of whoever sits at it. A browser may keep nothing for pages: then it is asked for each time. */
export type AlarmSetting = 'chirpd.acknowledgedBy' | 'chirpd.alarmVolume';

export function readSetting(key: AlarmSetting): string {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

export function writeSetting(key: AlarmSetting, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // as above
  }
}
