import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import {
  isMulticast,
  multicastInterfaces,
  multicastTtl,
  PORT_RANGE,
  searchAddresses,
  type LslNetwork,
} from './network.js';
import { parseStreamDescription, type LslStreamDescription } from './stream-description.js';
import { bindInRange } from './udp-port.js';

/** A stream that answered, and from where. */
export interface FoundStream {
  readonly description: LslStreamDescription;
  /** IPv4 address of its outlet. */
  readonly address: string;
}

export interface ResolveOptions {
  /** XPath condition that outlets answer to. */
  readonly query: string;
  readonly network: LslNetwork;
  /** Names or addresses of computers to ask one by one. */
  readonly hosts: readonly string[];
  /** Gives up after this long. */
  readonly timeoutMs: number;
  /** Once a stream has answered, how long to listen for others. */
  readonly settleMs: number;
  readonly signal: AbortSignal;
}

/** From one round of questions to the next. */
const ROUND_MS = 500;

/**
 * Asks for streams, again and again, until some have answered or the time is up. Each outlet tells its short info; the
 * first address that one answers from is kept, as that is the faster way.
 * @returns streams by their UID, in the order of their answers; none after an abort
 */
export async function resolveStreams(options: ResolveOptions): Promise<readonly FoundStream[]> {
  const { signal, timeoutMs, settleMs } = options;
  if (signal.aborted) return [];
  const found = new Map<string, FoundStream>();
  const socket = createSocket({ type: 'udp4', reuseAddr: false });
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const timers = new Set<NodeJS.Timeout>([setTimeout(end, timeoutMs)]);
  signal.addEventListener('abort', end, { once: true });
  // An outlet that is gone answers with "port unreachable": nothing to do about that.
  socket.on('error', () => undefined);
  try {
    await bindInRange(socket, options.network.basePort);
    const question = new Question(options.query, socket.address().port);
    socket.on('message', (message, { address }) => {
      const description = question.readAnswer(message);
      if (description === undefined || found.has(description.uid)) return;
      found.set(description.uid, { description, address });
      if (found.size === 1) timers.add(setTimeout(end, settleMs));
    });
    const targets = await targetsOf(options);
    const ask = (): void => {
      void askAll(socket, question.bytes, targets, options.network);
    };
    ask();
    timers.add(setInterval(ask, ROUND_MS));
    await ended;
  } finally {
    signal.removeEventListener('abort', end);
    for (const timer of timers) clearInterval(timer);
    socket.close();
  }
  return signal.aborted ? [] : [...found.values()];
}

/** A question as it goes out, and its answers as they come in. */
class Question {
  readonly bytes: Buffer;
  readonly #id: string;

  constructor(query: string, returnPort: number) {
    this.#id = String(Math.floor(Math.random() * Number.MAX_SAFE_INTEGER));
    this.bytes = Buffer.from(`LSL:shortinfo\r\n${query}\r\n${returnPort} ${this.#id}\r\n`);
  }

  /** Undefined where the message is no answer to this question. */
  readAnswer(message: Buffer): LslStreamDescription | undefined {
    const text = message.toString('utf8');
    const lineEnd = text.indexOf('\n');
    if (lineEnd < 0 || text.slice(0, lineEnd).trim() !== this.#id) return undefined;
    try {
      return parseStreamDescription(text.slice(lineEnd + 1));
    } catch {
      return undefined;
    }
  }
}

interface Target {
  readonly address: string;
  readonly port: number;
}

async function targetsOf({ network, hosts }: ResolveOptions): Promise<readonly Target[]> {
  const known = await Promise.all(
    hosts.map(async (host) => {
      try {
        const { address } = await lookup(host, { family: 4 });
        return Array.from({ length: PORT_RANGE }, (_, i): Target => ({ address, port: network.basePort + i }));
      } catch {
        return [];
      }
    }),
  );
  return [...searchAddresses(network).map((address) => ({ address, port: network.multicastPort })), ...known.flat()];
}

/** One round: multicast through each interface, everything else once. The socket may be closed at any moment. */
async function askAll(socket: Socket, bytes: Buffer, targets: readonly Target[], network: LslNetwork): Promise<void> {
  const interfaces = multicastInterfaces(network);
  try {
    socket.setBroadcast(true);
    socket.setMulticastTTL(multicastTtl(network));
    for (const { address, port } of targets) {
      if (!isMulticast(address)) {
        await send(socket, bytes, port, address);
        continue;
      }
      for (const networkInterface of interfaces) {
        if (!useInterface(socket, networkInterface)) continue;
        await send(socket, bytes, port, address);
      }
    }
  } catch {
    // Closed meanwhile.
  }
}

/** False where the interface does not do multicast. */
function useInterface(socket: Socket, address: string): boolean {
  try {
    socket.setMulticastInterface(address);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when the message is on its way, or could not be sent: others may still get through. */
function send(socket: Socket, bytes: Buffer, port: number, address: string): Promise<void> {
  return new Promise((resolve) => {
    socket.send(bytes, port, address, () => {
      resolve();
    });
  });
}
