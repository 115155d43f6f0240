import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { lslClock } from './lsl-clock.js';
import { isMulticast, multicastInterfaces, searchAddresses, type LslNetwork } from './network.js';
import { formatStreamDescription, streamInfoElement, type LslStreamDescription } from './stream-description.js';
import { formatTimeAnswer, parseTimeQuestion } from './time-service.js';
import type { XmlElement } from './xml.js';
import { matchesXpath } from './xpath.js';

/** Answers what comes by UDP: searches for streams and, at its own port, questions for the time. */
export class OutletResponder {
  readonly #sockets: Socket[] = [];
  #element: XmlElement | undefined;
  #shortInfo = '';

  /** From here on the stream is found. */
  describe(description: LslStreamDescription): void {
    this.#element = streamInfoElement(description);
    this.#shortInfo = formatStreamDescription(description, false);
  }

  /** The outlet's own port, where known hosts are asked and the time is told. */
  serve(socket: Socket): void {
    this.#add(socket, true);
  }

  /**
   * The port where all outlets of a machine listen for searches.
   * @throws Error where another program has it for itself
   */
  async listen(network: LslNetwork): Promise<void> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    this.#add(socket, false);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ port: network.multicastPort }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    for (const address of searchAddresses(network).filter(isMulticast)) {
      for (const networkInterface of multicastInterfaces(network)) {
        try {
          socket.addMembership(address, networkInterface);
        } catch {
          // An interface without multicast: the others will do.
        }
      }
    }
  }

  stop(): void {
    for (const socket of this.#sockets.splice(0)) socket.close();
  }

  #add(socket: Socket, tellsTime: boolean): void {
    this.#sockets.push(socket);
    // An answer to one who is gone comes back as an error.
    socket.on('error', () => undefined);
    socket.on('message', (message, remote) => {
      const receivedAt = lslClock();
      const text = message.toString('utf8');
      if (text.startsWith('LSL:shortinfo')) this.#answerSearch(socket, text, remote);
      else if (tellsTime) answerTime(socket, text, remote, receivedAt);
    });
  }

  #answerSearch(socket: Socket, text: string, { address }: RemoteInfo): void {
    const [, query = '', back = ''] = text.split(/\r?\n/);
    const [port = '', id = ''] = back.trim().split(/\s+/);
    const returnPort = Number(port);
    if (!Number.isInteger(returnPort) || returnPort < 1 || returnPort > 65_535 || !this.matches(query)) return;
    socket.send(`${id}\r\n${this.#shortInfo}`, returnPort, address);
  }

  /** Whether the stream is one that a query looks for; a query that cannot be read finds nothing. */
  matches(query: string): boolean {
    if (this.#element === undefined) return false;
    try {
      return matchesXpath(query, this.#element);
    } catch {
      return false;
    }
  }
}

function answerTime(socket: Socket, text: string, { address, port }: RemoteInfo, receivedAt: number): void {
  const question = parseTimeQuestion(text);
  if (question === undefined) return;
  socket.send(formatTimeAnswer(question.wave, question.sentAt, receivedAt, lslClock()), port, address);
}
