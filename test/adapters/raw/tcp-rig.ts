import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tcpOptionsSchema, type TcpOptions } from '../../../adapters/raw/tcp-options.js';
import type { LiveRig } from '../live-conformance.js';
import { rampMicrovolts, rampSample } from '../push/ramp.js';

export type SentFormat = 'csv' | 'float32le' | 'int24be';

const CHANNELS = ['Fp1', 'F7', 'T7', 'P7'];
const SAMPLE_RATE = 250;
const BLOCK_MS = 20;

/** A port that nobody has. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** How samples of the ramp, one array each, are written. */
const ENCODERS: Readonly<Record<SentFormat, (rows: readonly (readonly number[])[]) => Buffer>> = {
  csv: (rows) => Buffer.from(rows.map((row) => `${row.join(',')}\n`).join('')),
  float32le: (rows) => encoded(rows, 4, (bytes, value, at) => bytes.writeFloatLE(value, at)),
  int24be: (rows) => encoded(rows, 3, (bytes, value, at) => bytes.writeIntBE(value, at, 3)),
};

function encoded(
  rows: readonly (readonly number[])[],
  nBytes: number,
  write: (bytes: Buffer, value: number, at: number) => void,
): Buffer {
  const values = rows.flat();
  const bytes = Buffer.alloc(values.length * nBytes);
  values.forEach((value, i) => {
    write(bytes, value, i * nBytes);
  });
  return bytes;
}

/** A program that sends the ramp to the port for as long as somebody listens there. */
class Sender {
  readonly #port: number;
  readonly #format: SentFormat;
  #socket: Socket | undefined;
  readonly #timer: NodeJS.Timeout;
  #sample = 0;
  #startMs = 0;
  isPaused = false;
  #isStopped = false;

  constructor(port: number, format: SentFormat) {
    this.#port = port;
    this.#format = format;
    this.#connect();
    this.#timer = setInterval(() => {
      this.#send();
    }, BLOCK_MS);
  }

  damage(): void {
    // Binary samples have nothing to fall into step again by: damage there is values that are none.
    const row = CHANNELS.map((_, channel) => [NaN, 1e30, Infinity, 0][channel]!);
    this.#socket?.write(this.#format === 'csv' ? '\u0000\u00ff12,,abc\n7,7\n' : ENCODERS[this.#format]([row, row]));
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#socket?.destroy();
  }

  #connect(): void {
    const socket = connect(this.#port, '127.0.0.1');
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('connect', () => {
      this.#sample = 0;
      this.#startMs = performance.now();
      socket.write(`${JSON.stringify({ channels: CHANNELS, sampleRate: SAMPLE_RATE, format: this.#format })}\n`);
    });
    socket.on('close', () => {
      setTimeout(() => {
        if (!this.#isStopped) this.#connect();
      }, 20);
    });
  }

  #send(): void {
    if (this.#socket?.readyState !== 'open') return;
    const due = Math.floor(((performance.now() - this.#startMs) / 1000) * SAMPLE_RATE);
    const rows: number[][] = [];
    for (; this.#sample < due; this.#sample++)
      rows.push(CHANNELS.map((_, channel) => rampMicrovolts(channel, this.#sample)));
    if (!this.isPaused) this.#socket.write(ENCODERS[this.#format](rows));
  }
}

export async function startTcpRig(format: SentFormat = 'csv'): Promise<LiveRig<TcpOptions>> {
  const port = await freePort();
  let sender = new Sender(port, format);
  return {
    options: tcpOptionsSchema.parse({ port, silenceSeconds: 2, waitSeconds: 3 }),
    isSent: (microvolts) => rampSample(microvolts) >= 0,
    pause: () => (sender.isPaused = true),
    resume: () => (sender.isPaused = false),
    // Any bytes are whole numbers: nobody can tell.
    ...(format !== 'int24be' && {
      damage: () => {
        sender.damage();
      },
    }),
    hangUp: () => {
      sender.stop();
      return Promise.resolve();
    },
    replug: () => {
      sender = new Sender(port, format);
      return Promise.resolve();
    },
    stop: () => {
      sender.stop();
      return Promise.resolve();
    },
  };
}
