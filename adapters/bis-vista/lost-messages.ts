/** A pause of the line that cannot be a late message, seconds. */
const PAUSE_SECONDS = 1;

/** Messages that may lie in buffers while the host is busy: so many more may have been lost than the time has room for. */
const LATE_MESSAGES = 8;

/** Between two messages of raw EEG that came. */
export interface MessagePause {
  readonly elapsedSeconds: number;
  /** Frames of any kind that are missing by the frame counter; undefined: the counter stands still. */
  readonly nFramesMissing: number | undefined;
}

/**
 * How many messages of raw EEG were lost. The frame counter says how many frames are missing, but not of which kind; one a
 * second is none of raw EEG, and the time says how many would fit. Where the counter stands still (nobody outside the
 * maker knows whether it always counts) only a long pause is a loss.
 * @param messageSeconds length of the signal in one message
 */
export function lostMessages({ elapsedSeconds, nFramesMissing }: MessagePause, messageSeconds: number): number {
  const nFitting = Math.max(0, Math.round(elapsedSeconds / messageSeconds) - 1);
  if (nFramesMissing === undefined) return elapsedSeconds > PAUSE_SECONDS ? nFitting : 0;
  const nOthers = Math.floor(elapsedSeconds) + 1;
  const atLeast = Math.min(nFramesMissing - nOthers, nFitting + LATE_MESSAGES);
  return Math.max(atLeast, Math.min(nFitting, nFramesMissing), 0);
}
