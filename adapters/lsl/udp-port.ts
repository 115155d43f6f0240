import type { Socket } from 'node:dgram';
import { PORT_RANGE } from './network.js';

/**
 * Binds a socket to the first free port of the range that LSL uses, which firewalls may let through, or to any.
 * @throws Error where not one port is free
 */
export async function bindInRange(socket: Socket, basePort: number, address = '0.0.0.0'): Promise<void> {
  for (let port = basePort; port < basePort + PORT_RANGE; port++) if (await bind(socket, port, address)) return;
  if (!(await bind(socket, 0, address))) throw new Error('no UDP port is free');
}

function bind(socket: Socket, port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const fail = (): void => {
      socket.off('listening', listen);
      resolve(false);
    };
    const listen = (): void => {
      socket.off('error', fail);
      resolve(true);
    };
    socket.once('error', fail);
    socket.once('listening', listen);
    socket.bind({ port, address, exclusive: true });
  });
}
