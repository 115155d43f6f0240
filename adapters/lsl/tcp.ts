import { connect, type OnReadOpts, type Socket } from 'node:net';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { FoundStream } from './resolve.js';

const CONNECT_MS = 3000;

/**
 * Connects to the data port of an outlet; an abort destroys the socket, whenever it comes.
 * @param onread where bytes go to in place of 'data' events; see node:net
 * @throws ChirpdError LSL_UNREACHABLE
 */
export function connectTo(
  { address, description }: FoundStream,
  signal: AbortSignal,
  onread?: OnReadOpts,
): Promise<Socket> {
  const { name, dataPort } = description;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port: dataPort,
      signal,
      noDelay: true,
      ...(onread === undefined ? {} : { onread }),
    });
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      const message = `stream "${name}" was found, but TCP port ${dataPort} of ${address} cannot be reached (${why}). Is a firewall in between?`;
      reject(new ChirpdError('LSL_UNREACHABLE', message));
    };
    const timer = setTimeout(() => {
      fail(`no answer in ${CONNECT_MS / 1000} s`);
    }, CONNECT_MS);
    const failed = (error: Error): void => {
      fail(error.message);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      // Whoever uses it listens to 'close', which follows.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
