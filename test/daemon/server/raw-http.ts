import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A connection that was ended without an answer. */
export const HUNG_UP = 'hung up';

const MAX_HEAD_BYTES = 64 * 1024;

/** An HTTP/1.1 client that sends bytes as they are, right or wrong, and cuts what comes back into answers. */
export class RawHttp {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #isOver = false;
  #isHead = false;
  #settle: ((answer: RawAnswer | typeof HUNG_UP) => void) | undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (data) => {
      this.#received = this.#received.length === 0 ? data : Buffer.concat([this.#received, data]);
      this.#cut();
    });
    this.#socket.on('error', () => undefined);
    this.#socket.on('end', () => {
      this.#end();
    });
    this.#socket.on('close', () => {
      this.#end();
    });
  }

  /** Whether another request can go over it. */
  get isOpen(): boolean {
    return !this.#isOver;
  }

  /**
   * @param options `isHead`: the answer has no body, whatever it says; `isLast`: nothing more is sent, which the server
   *   learns at once
   * @throws Error where no answer comes in time
   */
  async ask(
    bytes: Uint8Array,
    options: { isHead: boolean; isLast: boolean; timeoutMs: number },
  ): Promise<RawAnswer | typeof HUNG_UP> {
    if (this.#isOver) return HUNG_UP;
    this.#isHead = options.isHead;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.destroy();
        reject(new Error(`no answer within ${String(options.timeoutMs / 1000)} s`));
      }, options.timeoutMs);
      this.#settle = (answer) => {
        clearTimeout(timer);
        this.#settle = undefined;
        resolve(answer);
      };
      if (options.isLast) this.#socket.end(bytes);
      else this.#socket.write(bytes);
    });
  }

  destroy(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #end(): void {
    this.#isOver = true;
    // A body that goes to the end of the connection.
    this.#cut();
    this.#settle?.(HUNG_UP);
    this.#socket.destroy();
  }

  #cut(): void {
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) {
        if (this.#received.length > MAX_HEAD_BYTES) throw new Error('an answer whose head does not end');
        return;
      }
      const [first = '', ...lines] = this.#received.toString('latin1', 0, end).split('\r\n');
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0);
      const headers = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
      );
      const rest = this.#received.subarray(end + 4);
      // Something to read before the answer.
      if (status >= 100 && status < 200 && status !== 101) {
        this.#received = rest;
        continue;
      }
      const body = this.#body(status, headers, rest);
      if (body === undefined) return;
      this.#received = rest.subarray(body.nBytes);
      this.#settle?.({ status, headers, body: body.bytes });
      return;
    }
  }

  #body(
    status: number,
    headers: Readonly<Record<string, string>>,
    rest: Buffer,
  ): { bytes: Buffer; nBytes: number } | undefined {
    const none = { bytes: Buffer.alloc(0), nBytes: 0 };
    if (this.#isHead || status === 101 || status === 204 || status === 304) return none;
    if (headers['transfer-encoding'] === 'chunked') return chunked(rest);
    const told = headers['content-length'];
    if (told === undefined) return this.#isOver ? { bytes: rest, nBytes: rest.length } : undefined;
    const length = Number(told);
    return rest.length < length ? undefined : { bytes: rest.subarray(0, length), nBytes: length };
  }
}

function chunked(rest: Buffer): { bytes: Buffer; nBytes: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const end = rest.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const length = parseInt(rest.toString('latin1', at, end), 16);
    if (rest.length < end + 2 + length + 2) return undefined;
    if (length === 0) return { bytes: Buffer.concat(chunks), nBytes: end + 4 };
    chunks.push(rest.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}
