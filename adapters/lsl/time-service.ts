/** The time service of LSL: questions and answers by UDP, in the manner of NTP. Times are seconds of an LSL clock. */

export function formatTimeQuestion(wave: number, sentAt: number): string {
  return `LSL:timedata\r\n${wave} ${sentAt.toPrecision(16)}\r\n`;
}

/** Undefined where the text is no question. */
export function parseTimeQuestion(text: string): { readonly wave: number; readonly sentAt: string } | undefined {
  const match = /^LSL:timedata\r?\n\s*(-?\d+)\s+(\S+)/.exec(text);
  return match === null ? undefined : { wave: Number(match[1]), sentAt: match[2]! };
}

/** `sentAt` goes back as it came, so that nothing is lost in writing it. */
export function formatTimeAnswer(wave: number, sentAt: string, receivedAt: number, answeredAt: number): string {
  return ` ${wave} ${sentAt} ${receivedAt.toPrecision(16)} ${answeredAt.toPrecision(16)}`;
}

export interface TimeAnswer {
  readonly wave: number;
  /** Of the question, by the clock of the one who asked. */
  readonly sentAt: number;
  /** Of the question and the answer, by the clock of the one who answered. */
  readonly receivedAt: number;
  readonly answeredAt: number;
}

/** Undefined where the text is no answer. */
export function parseTimeAnswer(text: string): TimeAnswer | undefined {
  const [wave, sentAt, receivedAt, answeredAt, ...rest] = text.trim().split(/\s+/).map(Number);
  if (wave === undefined || sentAt === undefined || receivedAt === undefined || answeredAt === undefined)
    return undefined;
  const isClean = rest.length === 0 && [wave, sentAt, receivedAt, answeredAt].every(Number.isFinite);
  return isClean ? { wave, sentAt, receivedAt, answeredAt } : undefined;
}

export interface ClockOffset {
  /** This machine's LSL clock minus the other one's, in seconds: add it to a time stamp. */
  readonly seconds: number;
  /** Round trip of the probe that it rests on: the offset is wrong by at most half of it. */
  readonly roundTripSeconds: number;
}

/** What one answer says of the offset. */
export function offsetOf({ sentAt, receivedAt, answeredAt }: TimeAnswer, arrivedAt: number): ClockOffset {
  return {
    seconds: (sentAt - receivedAt + (arrivedAt - answeredAt)) / 2,
    roundTripSeconds: arrivedAt - sentAt - (answeredAt - receivedAt),
  };
}
