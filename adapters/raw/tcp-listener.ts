import { createServer, type Server, type Socket } from 'node:net';
import type { Subscriber } from 'rxjs';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import type { Pacer } from '../adapter.js';
import { SilenceWatch } from '../silence-watch.js';
import { RawReader } from './raw-reader.js';
import { readBytes } from './read-bytes.js';
import type { TcpOptions } from './tcp-options.js';

export interface TcpListenerOptions {
  readonly options: TcpOptions;
  readonly pacer: Pacer;
  readonly tell: (waitingFor: string) => void;
  readonly subscriber: Subscriber<AdapterItem>;
}

/** One subscription: the port, and the one sender that came first. */
export class TcpListener {
  readonly #options: TcpOptions;
  readonly #pacer: Pacer;
  readonly #tell: (waitingFor: string) => void;
  readonly #subscriber: Subscriber<AdapterItem>;
  readonly #server: Server;
  readonly #silence: SilenceWatch;
  #socket: Socket | undefined;
  #stopReading: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isTaking = false;

  constructor({ options, pacer, tell, subscriber }: TcpListenerOptions) {
    this.#options = options;
    this.#pacer = pacer;
    this.#tell = tell;
    this.#subscriber = subscriber;
    const { silenceSeconds } = options;
    this.#silence = new SilenceWatch({
      limitMs: silenceSeconds * 1000,
      isHeldBack: () => this.#isTaking,
      onSilent: () => {
        this.#fail(
          new ChirpdError('RAW_SILENT', `the sender is connected and has sent nothing for ${silenceSeconds} s`),
        );
      },
    });
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#connected(socket);
    });
  }

  open(): void {
    const { host, port, waitSeconds } = this.#options;
    this.#server.on('error', (error) => {
      const text = `cannot listen on port ${port} of ${host}: ${error.message}; choose another, or stop what has it`;
      this.#fail(new ChirpdError('RAW_LISTEN', text, { cause: error }));
    });
    this.#server.listen(port, host, () => {
      if (!this.#subscriber.closed) this.#tell(`waits for a sender on port ${port} of ${host}`);
    });
    if (waitSeconds === undefined) return;
    this.#timer = setTimeout(() => {
      this.#fail(new ChirpdError('RAW_ABSENT', `no sender came to port ${port} of ${host} within ${waitSeconds} s`));
    }, waitSeconds * 1000);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#silence.stop();
    this.#stopReading?.();
    this.#socket?.destroy();
    this.#server.close();
  }

  #connected(socket: Socket): void {
    socket.on('error', () => undefined);
    if (this.#socket !== undefined || this.#subscriber.closed) {
      socket.end('{"error":{"code":"RAW_TAKEN","message":"another sender is connected"}}\n');
      return;
    }
    this.#socket = socket;
    clearTimeout(this.#timer);
    this.#tell('');
    this.#silence.start();
    const source = `${socket.remoteAddress ?? 'a sender'}, port ${this.#options.port}`;
    const emit = (item: AdapterItem): boolean => {
      this.#subscriber.next(item);
      return !this.#subscriber.closed;
    };
    try {
      const { stream } = this.#options;
      const reader = new RawReader({ stream, pacer: this.#pacer, source, hasClock: true, emit });
      this.#read(socket, reader, source);
    } catch (error) {
      this.#fail(error);
    }
  }

  #read(socket: Socket, reader: RawReader, source: string): void {
    const closed = (reason: string): ChirpdError =>
      new ChirpdError('RAW_CLOSED', `the sender (${source}) has closed the connection: ${reason}`);
    this.#stopReading = readBytes(socket, {
      onBytes: async (bytes) => {
        this.#isTaking = true;
        await reader.take(bytes);
        this.#isTaking = false;
        this.#silence.heard();
      },
      onEnd: async () => {
        const reason = await reader.end().then(() => 'it may connect again', errorText);
        this.#fail(closed(reason));
      },
      onError: (error) => {
        this.#fail(error instanceof ChirpdError ? error : closed(errorText(error)));
      },
    });
  }

  #fail(error: unknown): void {
    if (!this.#subscriber.closed) this.#subscriber.error(error);
  }
}
