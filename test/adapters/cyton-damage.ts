import { encodeCytonPacket, PACKET_BYTES } from '../../adapters/cyton/packet.js';

/** Numbers from 0 up to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Counts of packet `n`: bytes of every value, among them those that begin and end packets. */
export function countsOf(n: number): Int32Array {
  const random = seeded(n);
  return Int32Array.from({ length: 8 }, (_, channel) =>
    channel === 0 ? n : (Math.floor(random() * 2 ** 24) | 0) - 2 ** 23,
  );
}

export interface DamagedStream {
  readonly bytes: Uint8Array;
  /** For each packet, whether all of its bytes are there as they were, with nothing between them. */
  readonly isWhole: readonly boolean[];
  readonly nEvents: number;
}

/** Packets in order, with bytes put in, taken out and flipped, one event in `everyBytes` on average. */
export function damagedStream(nPackets: number, everyBytes: number, seed: number): DamagedStream {
  const random = seeded(seed);
  const out: number[] = [];
  const isWhole: boolean[] = Array.from({ length: nPackets }, () => true);
  let nEvents = 0;
  let nToSkip = 0;
  for (let n = 0; n < nPackets; n++) {
    const time = Math.floor(n * 4);
    const aux = [0, 0, time >>> 24, time >>> 16, time >>> 8, time].map((byte) => byte & 0xff);
    const packet = encodeCytonPacket(n & 0xff, countsOf(n), aux, 0xc4);
    for (let at = 0; at < PACKET_BYTES; at++) {
      let byte = packet[at]!;
      if (nToSkip > 0) {
        nToSkip--;
        isWhole[n] = false;
        continue;
      }
      if (random() < 1 / everyBytes) {
        nEvents++;
        const kind = random();
        const length = 1 + Math.floor(random() ** 3 * 80);
        if (kind < 1 / 3) {
          // Before the first byte of a packet an insertion stands between two whole ones.
          if (at > 0) isWhole[n] = false;
          for (let i = 0; i < length; i++) out.push(Math.floor(random() * 256));
        } else if (kind < 2 / 3) {
          nToSkip = length - 1;
          isWhole[n] = false;
          continue;
        } else {
          byte ^= 1 << Math.floor(random() * 8);
          isWhole[n] = false;
        }
      }
      out.push(byte);
    }
  }
  return { bytes: Uint8Array.from(out), isWhole, nEvents };
}
