import { numberText } from './language.js';
import { isRepeated, offsetMs, zoneAbbreviation } from './unitZone.js';

/** How a moment is written: recordings keep their own time, which is read as UTC; live streams have the unit's time. */
export interface TimeStyle {
  readonly utc: boolean;
  /** Unix milliseconds: the date is written where it is not this one's. */
  readonly todayMs: number;
}

/** `14:03:22` */
export function clockText(unixMs: number, utc: boolean): string {
  return isoText(unixMs, utc).slice(11, 19);
}

/** `2026-11-23` */
export function dateText(unixMs: number, utc: boolean): string {
  return isoText(unixMs, utc).slice(0, 10);
}

/**
 * `14:03:22`, `2026-11-22 14:03:22` on another day, with ` UTC` behind it where it is, and with the name of the zone, `02:30:00
 * CEST`, where clocks are set back and show it twice.
 */
export function momentText(unixMs: number, style: TimeStyle): string {
  const day = dateText(unixMs, style.utc);
  const date = day === dateText(style.todayMs, style.utc) ? '' : `${day} `;
  return `${date}${clockText(unixMs, style.utc)}${zoneText(unixMs, style.utc)}`;
}

function zoneText(unixMs: number, utc: boolean): string {
  if (utc) return ' UTC';
  return isRepeated(unixMs) ? ` ${zoneAbbreviation(unixMs)}` : '';
}

function isoText(unixMs: number, utc: boolean): string {
  // A date that counts the zone's own milliseconds: its UTC fields are what the clocks there show.
  return new Date(unixMs + (utc ? 0 : offsetMs(unixMs))).toISOString();
}

/** `0.4 s`, `12 s`, `3 min 5 s`, `2 h 14 min`, `3 d 4 h` */
export function durationText(seconds: number): string {
  const s = Math.max(0, seconds);
  if (s < 9.95) return `${numberText(s, 1)} s`;
  const whole = Math.round(s);
  if (whole < 60) return `${String(whole)} s`;
  if (whole < 3600) return `${String(Math.floor(whole / 60))} min ${String(whole % 60)} s`;
  if (whole < 86400) return `${String(Math.floor(whole / 3600))} h ${String(Math.floor((whole % 3600) / 60))} min`;
  return `${String(Math.floor(whole / 86400))} d ${String(Math.floor((whole % 86400) / 3600))} h`;
}

/** `7.0 → 5.3 Hz` */
export function sweepText(startHz: number, endHz: number): string {
  return `${numberText(startHz, 1)} → ${numberText(endHz, 1)} Hz`;
}
