import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const SAMPLE_RATE = 64;
const CHANNELS = ['F7', 'T7'];
const EVERY_MS = 100;
const RETRY_MS = 50;

/** A program that sends a bed's samples to its TCP port, and whose connection breaks when it is told. */
export class DroppingSender {
  readonly #port: number;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(port: number) {
    this.#port = port;
  }

  /** Resolves when the daemon's bed has taken the connection; tries for as long as that takes. */
  async connect(): Promise<void> {
    while (!this.#isStopped) {
      const socket = connect(this.#port, '127.0.0.1');
      const isOpen = await new Promise<boolean>((resolve) => {
        socket.on('connect', () => {
          resolve(true);
        });
        socket.on('error', () => {
          resolve(false);
        });
      });
      if (isOpen) {
        this.#send(socket);
        return;
      }
      await sleep(RETRY_MS);
    }
  }

  /** Whether what it connected to is still there. */
  get isConnected(): boolean {
    return this.#socket?.readyState === 'open';
  }

  drop(): void {
    clearInterval(this.#timer);
    this.#socket?.destroy();
  }

  stop(): void {
    this.#isStopped = true;
    this.drop();
  }

  #send(socket: Socket): void {
    this.#socket = socket;
    socket.resume();
    const startMs = performance.now();
    let nSent = 0;
    socket.write(`${JSON.stringify({ channels: CHANNELS, sampleRate: SAMPLE_RATE, format: 'int16le' })}\n`);
    this.#timer = setInterval(() => {
      const nDue = Math.floor(((performance.now() - startMs) / 1000) * SAMPLE_RATE);
      const values = Int16Array.from({ length: (nDue - nSent) * CHANNELS.length }, (_, i) => ((nSent + i) * 37) % 50);
      nSent = nDue;
      if (values.length > 0 && this.isConnected) socket.write(Buffer.from(values.buffer));
    }, EVERY_MS);
  }
}
