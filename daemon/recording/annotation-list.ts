/** A note on the recording, at a moment of the stream. */
export interface Note {
  /** Unix microseconds. */
  readonly timeMicros: number;
  readonly durationMicros: number;
  readonly text: string;
}

/** Longer texts are told in several annotations: readers have limits (EDFlib's is 512 bytes). */
const TEXT_BYTES = 380;
/** What separates things within a list, and whatever no text holds. */
const FORBIDDEN = /[\p{Cc}\p{Cs}]/gu;

/** Microseconds as a decimal number of seconds, without zeros at its end. */
export function secondsText(micros: number): string {
  const digits = String(Math.abs(micros)).padStart(7, '0');
  const fraction = digits.slice(-6).replace(/0+$/, '');
  return `${micros < 0 ? '-' : ''}${digits.slice(0, -6)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The list with which every record begins: when it does. @param micros from the header's whole second */
export function timekeepingList(micros: number): Buffer {
  return Buffer.from(`${signed(micros)}\x14\x14\0`);
}

/**
 * A note as a time-stamped annotation list (EDF+ 2.2.2).
 * @param secondMicros the header's whole second, from which onsets count, Unix microseconds
 * @param startMicros of the file's first sample: a note on what lies before it is told there, and says so, since most
 * readers leave out what lies outside of the samples
 */
export function annotationList(note: Note, secondMicros: number, startMicros: number): Buffer {
  const { timeMicros, durationMicros, text } = note;
  const earlyMicros = Math.max(0, startMicros - timeMicros);
  const onset = signed(timeMicros + earlyMicros - secondMicros);
  const leftMicros = Math.max(0, durationMicros - earlyMicros);
  const duration = leftMicros > 0 ? `\x15${secondsText(leftMicros)}` : '';
  const before = earlyMicros === 0 ? '' : ` (from ${secondsText(earlyMicros)} s before this file)`;
  return Buffer.from(`${onset}${duration}\x14${text}${before}\x14\0`);
}

/** A note whose text fits into one list, or several of the same time that hold it in pieces; none for an empty text. */
export function plainNotes({ text, ...when }: Note): readonly Note[] {
  const found: string[] = [];
  let piece = '';
  for (const character of text.replace(FORBIDDEN, ' ').trim()) {
    if (Buffer.byteLength(piece + character) > TEXT_BYTES) {
      found.push(`${piece}…`);
      piece = '…';
    }
    piece += character;
  }
  return [...found, piece].filter((part) => part !== '').map((part) => ({ ...when, text: part }));
}

function signed(micros: number): string {
  return `${micros < 0 ? '' : '+'}${secondsText(micros)}`;
}
