import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Test } from 'tap';

/** `pass`: everything through; `swallow`: takes bytes and never answers; `half`: answers begin and never end. */
export type ProxyMode = 'pass' | 'swallow' | 'half';

/** A network that may go bad, between a client and a server on loopback. */
export class BlackHoleProxy {
  mode: ProxyMode = 'pass';
  nConnections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(targetPort: number) {
    this.#server = createServer((client) => {
      this.nConnections++;
      this.#keep(client);
      const target = connect(targetPort, '127.0.0.1');
      this.#keep(target);
      client.on('data', (chunk: Buffer) => {
        if (this.mode !== 'swallow') target.write(chunk);
      });
      target.on('data', (chunk: Buffer) => {
        if (this.mode === 'pass') client.write(chunk);
        if (this.mode === 'half') client.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{');
      });
      client.on('close', () => target.destroy());
      target.on('close', () => client.destroy());
    });
  }

  static async start(t: Test, targetPort: number): Promise<BlackHoleProxy> {
    const proxy = new BlackHoleProxy(targetPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    t.teardown(async () => {
      for (const socket of proxy.#sockets) socket.destroy();
      proxy.#server.close();
      await once(proxy.#server, 'close');
    });
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
