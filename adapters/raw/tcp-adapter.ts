import { Observable } from 'rxjs';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import type { Adapter } from '../adapter.js';
import type { TcpOptions } from './tcp-options.js';
import { TcpListener } from './tcp-listener.js';

/**
 * Listens on a TCP port for one sender at a time, whose first line says what it sends.
 *
 * Errors: RAW_LISTEN, RAW_ABSENT, RAW_SILENT, RAW_CLOSED, RAW_HEADER, RAW_GARBAGE
 */
export const tcpAdapter: Adapter<TcpOptions> = {
  kind: 'tcp',
  open: (options, { pacer, tell = () => undefined }) =>
    new Observable<AdapterItem>((subscriber) => {
      const listener = new TcpListener({ options, pacer, tell, subscriber });
      listener.open();
      return () => {
        listener.close();
      };
    }),
};
