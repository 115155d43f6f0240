import type { Readable } from 'node:stream';

export interface ByteHandlers {
  /** No further bytes are read before it resolves. */
  readonly onBytes: (bytes: Buffer) => Promise<void>;
  readonly onEnd: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Reads bytes as fast as they are taken, and no faster. Returns how to stop; the source stays open. */
export function readBytes(source: Readable, { onBytes, onEnd, onError }: ByteHandlers): () => void {
  let isStopped = false;
  let isBusy = false;
  let hasEnded = false;
  const fail = (error: unknown): void => {
    stop();
    onError(error);
  };
  const finish = (): void => {
    hasEnded = true;
    if (isBusy || isStopped) return;
    stop();
    onEnd().catch(onError);
  };
  const take = (bytes: Buffer): void => {
    isBusy = true;
    source.pause();
    onBytes(bytes).then(() => {
      isBusy = false;
      if (isStopped) return;
      if (hasEnded) finish();
      else source.resume();
    }, fail);
  };
  const stop = (): void => {
    if (isStopped) return;
    isStopped = true;
    source.off('data', take).off('end', finish).off('close', finish).off('error', fail);
    // What an abandoned source still has to say concerns nobody.
    source.on('error', () => undefined);
    source.pause();
  };
  source.on('data', take).on('end', finish).on('close', finish).on('error', fail);
  return stop;
}
