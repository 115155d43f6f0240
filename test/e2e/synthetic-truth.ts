import type { ChirpEvent } from '../../pipelines/core/event.js';
import type { TimelineMessage } from '../../daemon/protocol/messages.js';

/** A chirp that the synthetic adapter put in, as its annotation tells it. */
export interface Truth {
  readonly text: string;
  readonly onsetSeconds: number;
  readonly offsetSeconds: number;
  readonly startFrequencyHz: number;
  readonly endFrequencyHz: number;
}

const MAX_SECONDS = 3;
const MAX_HZ = 1;

export function truthsOf(messages: readonly TimelineMessage[], bed: string): readonly Truth[] {
  return messages.flatMap((message) => {
    if (message.type !== 'stream' || message.bed !== bed || message.annotation === undefined) return [];
    const { onsetSeconds, durationSeconds, text } = message.annotation;
    const [, start, end] = /^chirp ([\d.]+)-([\d.]+) Hz/.exec(text) ?? [];
    if (start === undefined || end === undefined) throw new Error(`no chirp: ${text}`);
    const offsetSeconds = onsetSeconds + durationSeconds;
    return { text, onsetSeconds, offsetSeconds, startFrequencyHz: Number(start), endFrequencyHz: Number(end) };
  });
}

/** Whether a chirp lies within 3 s and 1 Hz of the truth at both ends. */
export function isFound(truth: Truth, chirp: ChirpEvent): boolean {
  return (
    Math.abs(chirp.onsetSeconds - truth.onsetSeconds) <= MAX_SECONDS &&
    Math.abs(chirp.offsetSeconds - truth.offsetSeconds) <= MAX_SECONDS &&
    Math.abs(chirp.startFrequencyHz - truth.startFrequencyHz) <= MAX_HZ &&
    Math.abs(chirp.endFrequencyHz - truth.endFrequencyHz) <= MAX_HZ
  );
}
