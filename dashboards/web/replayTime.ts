const pad = (value: number): string => String(value).padStart(2, '0');

/** `1:02:03`: seconds of a recording. */
export function placeText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${String(Math.floor(whole / 3600))}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}

/** Seconds of what somebody wrote as `1:02:03`, `2:03.5` or `3.5`; undefined where it is no time. */
export function secondsOf(text: string): number | undefined {
  const parts = text.trim().replace(',', '.').split(':');
  if (parts.length > 3 || parts.some((part) => !/^\d+(?:\.\d+)?$/.test(part))) return undefined;
  if (parts.slice(0, -1).some((part) => part.includes('.'))) return undefined;
  if (parts.slice(1).some((part) => Number(part) >= 60)) return undefined;
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0);
}
