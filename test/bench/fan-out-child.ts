import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { WebSocketServer } from 'ws';
import { encodeServerMessage } from '../../daemon/protocol/codec.js';
import { type SpectrogramMessage, SUBPROTOCOL_MSGPACK } from '../../daemon/protocol/messages.js';
import { BED, startBareServer } from '../daemon/server/harness.js';

/*
 * A server in a process of its own that tells columns of a spectrogram to all its clients: `chirpd`, or `ws` alone, which
 * sends one frame to each. Prints its port; each line of its input is how many to tell at once.
 */
const N_DERIVATIONS = 18;
const ROWS = 128;
let n = 0;

function column(): SpectrogramMessage {
  return {
    type: 'spectrogram',
    bed: BED.bed,
    profile: 'scalp',
    column: n,
    timeMicros: 1_700_000_000_000_000 + n++ * 468_750,
    rowHz: 0.25,
    hopSeconds: 0.46875,
    decibels: Uint8Array.from({ length: N_DERIVATIONS * ROWS }, (_, i) => (i * 31 + n * 17) % 200),
  };
}

async function startChirpd(): Promise<readonly [port: number, tell: () => void]> {
  const { server, hub } = await startBareServer();
  hub.addBed({ name: BED.bed, info: () => BED });
  return [
    server.port,
    () => {
      hub.publish(column());
    },
  ];
}

async function startWs(): Promise<readonly [port: number, tell: () => void]> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  return [
    (server.address() as AddressInfo).port,
    () => {
      const frame = encodeServerMessage(SUBPROTOCOL_MSGPACK, column());
      for (const client of server.clients) client.send(frame);
    },
  ];
}

const [port, tell] = await (process.argv[2] === 'chirpd' ? startChirpd() : startWs());
process.stdout.write(`${String(port)}\n`);
for await (const line of createInterface({ input: process.stdin })) for (let i = 0; i < Number(line); i++) tell();
// Whoever asked is gone.
process.exit();
