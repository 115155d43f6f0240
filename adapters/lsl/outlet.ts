import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { PROTOCOL_VERSION } from './feed.js';
import type { LslFormat } from './formats.js';
import { lslClock } from './lsl-clock.js';
import { PORT_RANGE, type LslNetwork } from './network.js';
import { OutletResponder } from './outlet-responder.js';
import { OutletSession } from './outlet-session.js';
import type { SampleValues } from './sample-writer.js';
import type { LslStreamDescription } from './stream-description.js';
import { bindInRange } from './udp-port.js';
import type { XmlElement } from './xml.js';

export interface OutletOptions {
  readonly name: string;
  readonly type: string;
  readonly format: LslFormat;
  /** Hz; 0: irregular. */
  readonly sampleRate: number;
  /** Finds the stream again after a restart. */
  readonly sourceId: string;
  readonly channels: readonly OutletChannel[];
  /** Further elements of `<desc>`, by name. */
  readonly desc?: Readonly<Record<string, string>>;
  readonly network: LslNetwork;
}

export interface OutletChannel {
  readonly label: string;
  readonly type: string;
  readonly unit: string;
}

const MAX_SESSIONS = 64;

/** A stream of the Lab Streaming Layer that this process sends: found, described, timed and fed as liblsl's are. */
export class LslOutlet {
  readonly #description: LslStreamDescription;
  readonly #network: LslNetwork;
  readonly #server: Server;
  readonly #responder: OutletResponder;
  readonly #sessions: Set<OutletSession>;

  /**
   * Resolves when the stream can be found and read.
   * @throws ChirpdError LSL_OUTLET where a port that it needs cannot be had
   */
  static async start(options: OutletOptions): Promise<LslOutlet> {
    const { network } = options;
    const address = boundAddress(network);
    const responder = new OutletResponder();
    const sessions = new Set<OutletSession>();
    const server = createServer();
    try {
      const service = createSocket('udp4');
      responder.serve(service);
      await bindInRange(service, network.basePort, address);
      await listenInRange(server, network.basePort, address);
      const dataPort = portOf(server);
      const description = describe(options, dataPort, service.address().port);
      server.on('connection', (socket: Socket) => {
        if (sessions.size >= MAX_SESSIONS) {
          socket.destroy();
          return;
        }
        const session: OutletSession = new OutletSession(socket, {
          description,
          matches: (query) => responder.matches(query),
          onClose: () => void sessions.delete(session),
        });
        sessions.add(session);
      });
      responder.describe(description);
      await responder.listen(network);
      return new LslOutlet(description, network, server, responder, sessions);
    } catch (cause) {
      responder.stop();
      server.close();
      const message = `cannot offer LSL stream "${options.name}": ${errorText(cause)}. Does another program hold UDP port ${network.multicastPort} for itself?`;
      throw new ChirpdError('LSL_OUTLET', message, { cause });
    }
  }

  private constructor(
    description: LslStreamDescription,
    network: LslNetwork,
    server: Server,
    responder: OutletResponder,
    sessions: Set<OutletSession>,
  ) {
    this.#description = description;
    this.#network = network;
    this.#server = server;
    this.#responder = responder;
    this.#sessions = sessions;
  }

  get description(): LslStreamDescription {
    return this.#description;
  }

  get network(): LslNetwork {
    return this.#network;
  }

  /** Inlets that are fed. */
  get nInlets(): number {
    return [...this.#sessions].filter(({ isFed }) => isFed).length;
  }

  /**
   * Sends a sample to every inlet that there is; nothing is kept for those to come.
   * @param stamp seconds of this machine's LSL clock (`lslClock`)
   */
  push(values: SampleValues, stamp: number): void {
    for (const session of this.#sessions) session.push(values, stamp);
  }

  /** Resolves when all its sockets are closed. */
  async stop(): Promise<void> {
    this.#responder.stop();
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    for (const session of this.#sessions) session.close();
    await closed;
  }
}

/** A stream for this machine only, or for one network interface, is served there and nowhere else. */
function boundAddress({ scope, addresses, interfaces }: LslNetwork): string {
  if (interfaces.length === 1) return interfaces[0]!;
  return scope === 'machine' && addresses.length === 0 ? '127.0.0.1' : '0.0.0.0';
}

function describe(options: OutletOptions, dataPort: number, servicePort: number): LslStreamDescription {
  const leaf = (name: string, text: string): XmlElement => ({ name, text, children: [] });
  const channels = options.channels.map(({ label, type, unit }): XmlElement => {
    const children = [leaf('label', label), leaf('type', type), leaf('unit', unit)];
    return { name: 'channel', text: '', children };
  });
  const further = Object.entries(options.desc ?? {}).map(([name, text]) => leaf(name, text));
  return {
    name: options.name,
    type: options.type,
    nChannels: options.channels.length,
    format: options.format,
    sourceId: options.sourceId,
    sampleRate: options.sampleRate,
    protocolVersion: PROTOCOL_VERSION,
    createdAt: lslClock(),
    uid: randomUUID(),
    sessionId: options.network.session,
    hostName: hostname(),
    dataPort,
    servicePort,
    desc: { name: 'desc', text: '', children: [{ name: 'channels', text: '', children: channels }, ...further] },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the TCP server has no port');
  return address.port;
}

async function listenInRange(server: Server, basePort: number, address: string): Promise<void> {
  for (let port = basePort; port < basePort + PORT_RANGE; port++) if (await listens(server, port, address)) return;
  if (!(await listens(server, 0, address))) throw new Error('no TCP port is free');
}

function listens(server: Server, port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const fail = (): void => {
      server.off('listening', listen);
      resolve(false);
    };
    const listen = (): void => {
      server.off('error', fail);
      resolve(true);
    };
    server.once('error', fail);
    server.once('listening', listen);
    server.listen({ port, host, exclusive: true });
  });
}
