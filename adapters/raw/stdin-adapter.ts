import { Observable } from 'rxjs';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import type { Adapter } from '../adapter.js';
import { RawReader } from './raw-reader.js';
import { readBytes } from './read-bytes.js';
import type { StdinOptions } from './stdin-options.js';

/**
 * Samples on the standard input of the process, read as fast as the pipeline takes them. There is one standard input: what
 * one subscription has read the next one does not get.
 *
 * Errors: RAW_NO_STDIN, RAW_HEADER, RAW_GARBAGE, RAW_TRUNCATED, RAW_READ
 */
export const stdinAdapter: Adapter<StdinOptions> = {
  kind: 'stdin',
  open: ({ stream }, { pacer, stdin }) =>
    new Observable<AdapterItem>((subscriber) => {
      if (stdin === undefined) {
        const text = 'there is no standard input to read here: kind "stdin" is for one bed of `chirpd run`';
        subscriber.error(new ChirpdError('RAW_NO_STDIN', text));
        return undefined;
      }
      const emit = (item: AdapterItem): boolean => {
        subscriber.next(item);
        return !subscriber.closed;
      };
      const fail = (error: unknown): void => {
        subscriber.error(error);
      };
      try {
        const reader = new RawReader({ stream, pacer, source: 'standard input', hasClock: false, emit });
        return readBytes(stdin, {
          onBytes: (bytes) => reader.take(bytes),
          onEnd: async () => {
            await reader.end();
            subscriber.complete();
          },
          onError: (error) => {
            fail(error instanceof ChirpdError ? error : readError(error));
          },
        });
      } catch (error) {
        fail(error);
        return undefined;
      }
    }),
};

function readError(error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return new ChirpdError('RAW_READ', `standard input cannot be read: ${error.message}`, { cause: error });
}
