import { connect, type Socket } from 'node:net';
import { tcpOptionsSchema, type TcpOptions } from '../../../adapters/raw/tcp-options.js';
import type { LiveRig } from '../live-conformance.js';
import { rampMicrovolts, rampSample } from '../push/ramp.js';
import { freePort } from '../../free-port.js';

const CHANNELS = ['Fp1', 'F7', 'T7', 'P7'];
const SAMPLE_RATE = 250;
const BLOCK_MS = 20;

/** A program that sends lines of text to the port for as long as somebody listens there. */
class Sender {
  readonly #port: number;
  #socket: Socket | undefined;
  readonly #timer: NodeJS.Timeout;
  #sample = 0;
  #startMs = 0;
  isPaused = false;
  #isStopped = false;

  constructor(port: number) {
    this.#port = port;
    this.#connect();
    this.#timer = setInterval(() => {
      this.#send();
    }, BLOCK_MS);
  }

  damage(): void {
    this.#socket?.write('\u0000\u00ff12,,abc\n7,7\n');
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
      socket.write(`${JSON.stringify({ channels: CHANNELS, sampleRate: SAMPLE_RATE, format: 'csv' })}\n`);
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
    for (; this.#sample < due; this.#sample++) {
      const values = CHANNELS.map((_, channel) => rampMicrovolts(channel, this.#sample));
      if (!this.isPaused) this.#socket.write(`${values.join(',')}\n`);
    }
  }
}

export async function startTcpRig(): Promise<LiveRig<TcpOptions>> {
  const port = await freePort();
  let sender = new Sender(port);
  return {
    options: tcpOptionsSchema.parse({ port, silenceSeconds: 2, waitSeconds: 3 }),
    isSent: (microvolts) => rampSample(microvolts) >= 0,
    pause: () => (sender.isPaused = true),
    resume: () => (sender.isPaused = false),
    damage: () => {
      sender.damage();
    },
    hangUp: () => {
      sender.stop();
      return Promise.resolve();
    },
    replug: () => {
      sender = new Sender(port);
      return Promise.resolve();
    },
    stop: () => {
      sender.stop();
      return Promise.resolve();
    },
  };
}
