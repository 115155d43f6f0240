/** What this browser remembers of whoever sits at it. A browser may keep nothing for pages: then it is asked for each time. */
export type BrowserSetting =
  | 'chirpd.acknowledgedBy'
  | 'chirpd.alarmVolume'
  | 'chirpd.language'
  | 'chirpd.tilesShow'
  | 'chirpd.tileOrder'
  | 'chirpd.timelineHours'
  | 'chirpd.timelineTrends';

/** The name under which somebody has acknowledged or labelled before. */
export const NAME_SETTING = 'chirpd.acknowledgedBy';

export function readSetting(key: BrowserSetting): string {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

export function writeSetting(key: BrowserSetting, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // as above
  }
}
