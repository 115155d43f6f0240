import { fieldsOf, type Sections } from './sections.js';

export interface Marker {
  readonly type: string;
  readonly description: string;
  /** Sample of the data file, from 0. */
  readonly point: number;
  readonly nPoints: number;
  /** Channel, from 1; 0: all. */
  readonly channel: number;
  /** Unix microseconds, local time read as UTC, where the marker has a date. */
  readonly timeMicros?: number;
}

export const NEW_SEGMENT = 'New Segment';

/** Year, month, day, hour, minute, second, microseconds: twenty digits. */
function parseDate(text: string | undefined): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{6})$/.exec(text ?? '');
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second, micros] = match.slice(1).map(Number) as [
    ...[number, number, number, number, number, number, number],
  ];
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(ms);
  const isReal =
    year >= 1900 && year < 2170 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24;
  return isReal ? ms * 1000 + micros : undefined;
}

/** The markers of a file in the order of time; lines that follow no grammar are passed over. */
export function parseMarkers(sections: Sections): readonly Marker[] {
  const markers: Marker[] = [];
  for (const [key, value] of sections.get('marker infos') ?? []) {
    if (!/^mk\d+$/.test(key)) continue;
    const [type = '', description = '', position = '', size = '', channel = '', date] = fieldsOf(value);
    if (!/^\d{1,15}$/.test(position) || Number(position) < 1) continue;
    const timeMicros = parseDate(date);
    markers.push({
      type,
      description,
      point: Number(position) - 1,
      nPoints: /^\d{1,15}$/.test(size) ? Number(size) : 0,
      channel: /^\d{1,6}$/.test(channel) ? Number(channel) : 0,
      ...(timeMicros === undefined ? {} : { timeMicros }),
    });
  }
  return markers.sort((a, b) => a.point - b.point);
}

/** `Stimulus/S  1`, `New Segment`. */
export function markerText({ type, description, channel }: Marker, labels: readonly string[]): string {
  const text = type === '' || description === '' ? type + description : `${type}/${description}`;
  const label = channel === 0 ? undefined : labels[channel - 1];
  return label === undefined ? text : `${text} (${label})`;
}
