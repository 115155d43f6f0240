import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { decodeServerMessage, encodeClientMessage } from '../../daemon/protocol/codec.js';
import { STREAM_PATH, SUBPROTOCOL_MSGPACK } from '../../daemon/protocol/messages.js';
import { bundleChild } from '../daemon/timeline/bundle-child.js';
import { type BenchContext, type Benchmark, roundsFor } from './benchmark.js';
import type { Findings } from './result.js';
import { byTurns, type Contender } from './rounds.js';

export const fanOutBenchmark: Benchmark = {
  name: 'fan-out',
  title: 'columns of a bed to many WebSocket clients, beside ws alone',
  minutes: 0.2,
  isDefault: true,
  run: measureFanOut,
};

/** Told at once, before all clients have them: little enough to drop nothing. */
const BURST = 32;
/** Bytes: what is shorter is a heartbeat. */
const SHORTEST_COLUMN = 1000;

async function measureFanOut({ settings }: BenchContext): Promise<Findings> {
  const nClients = settings.quick ? 5 : 32;
  // Where the packages of this project are found.
  const script = bundleChild('fan-out-child', '.tap/bench', 'test/bench');
  const servers: Server[] = [];
  try {
    const chirpd = await Server.start(script, 'chirpd', nClients);
    servers.push(chirpd);
    const plain = await Server.start(script, 'ws alone', nClients);
    servers.push(plain);
    const [mine, theirs] = [await chirpd.first(), await plain.first()];
    const comparison = await byTurns(
      {
        work: `${nClients} clients, columns of 18 derivations, bursts of ${BURST}`,
        unit: 'frames/s',
        nUnits: nClients * BURST,
        ...roundsFor(settings),
      },
      chirpd,
      [
        {
          name: plain.name,
          run: (times) => plain.run(times),
          difference: mine === theirs ? 0 : Infinity,
          tolerance: 0,
          checked: 'the first column, decoded,',
        },
      ],
    );
    return { comparisons: [comparison] };
  } finally {
    for (const server of servers) server.stop();
  }
}

/** A server in a process of its own, and its clients in this one. */
class Server implements Contender {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #sockets: readonly WebSocket[];
  #nFrames = 0;
  #newest: Buffer | undefined;
  #wanted = Infinity;
  #arrived: (() => void) | undefined;

  private constructor(name: string, child: ChildProcess, sockets: readonly WebSocket[]) {
    this.name = name;
    this.#child = child;
    this.#sockets = sockets;
    for (const socket of sockets) {
      socket.on('message', (frame: Buffer) => {
        if (frame.length < SHORTEST_COLUMN) return;
        this.#newest ??= frame;
        if (++this.#nFrames >= this.#wanted) this.#arrived?.();
      });
    }
  }

  static async start(script: string, name: string, nClients: number): Promise<Server> {
    const child = spawn(process.execPath, [script, name], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const url = `ws://127.0.0.1:${line.toString().trim()}${STREAM_PATH}`;
    const connect = async (): Promise<WebSocket> => {
      const socket = new WebSocket(url, SUBPROTOCOL_MSGPACK, { perMessageDeflate: false });
      await once(socket, 'open');
      if (name === 'chirpd') await subscribe(socket);
      return socket;
    };
    return new Server(name, child, await Promise.all(Array.from({ length: nClients }, connect)));
  }

  /** Tells one column. @returns what it says, as text */
  async first(): Promise<string> {
    await this.#tell(1);
    const frame = this.#newest ?? Buffer.alloc(0);
    return JSON.stringify(decodeServerMessage(SUBPROTOCOL_MSGPACK, frame));
  }

  async run(times: number): Promise<number> {
    const startMs = performance.now();
    for (let i = 0; i < times; i++) await this.#tell(BURST);
    return (performance.now() - startMs) / 1000;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.terminate();
    this.#child.kill('SIGKILL');
  }

  async #tell(n: number): Promise<void> {
    this.#nFrames = 0;
    this.#wanted = n * this.#sockets.length;
    const arrived = new Promise<void>((resolve) => (this.#arrived = resolve));
    this.#child.stdin?.write(`${n}\n`);
    await arrived;
  }
}

async function subscribe(socket: WebSocket): Promise<void> {
  const subscribed = new Promise<void>((resolve) => {
    socket.on('message', function wait(frame: Buffer) {
      if (decodeServerMessage(SUBPROTOCOL_MSGPACK, frame).type !== 'subscribed') return;
      socket.off('message', wait);
      resolve();
    });
  });
  socket.send(encodeClientMessage(SUBPROTOCOL_MSGPACK, { type: 'subscribe', topics: ['spectrogram'] }));
  await subscribed;
}
