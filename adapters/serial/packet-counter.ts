/** What tells the place of a packet in time. */
export interface CountedPacket {
  /** 0-255, one more each packet. */
  readonly counter: number;
  /** The device's own clock, milliseconds modulo 2^32; undefined where it sends none. */
  readonly deviceMs: number | undefined;
}

export interface Placed<Packet> {
  readonly packet: Packet;
  /** Among all packets that the device has made since the first one that came: lost ones are counted. */
  readonly index: number;
  /** When the packet was read, Unix microseconds. */
  readonly hostMicros: number;
  /** The device's clock, milliseconds without wraps; undefined where the packet has none that can be believed. */
  readonly deviceMs: number | undefined;
}

interface Held<Packet> {
  readonly packet: Packet;
  readonly hostMicros: number;
}

const MODULUS = 256;
/** A pause of this share of a round of the counter may hide a whole round. */
const SUSPECT_ROUNDS = 0.35;
/** After a pause what had piled up comes first, all at once; after so long the stream is at the present. */
const SETTLE_MS = 300;
/** Packets wait in buffers for so long at most: a device's clock that is further ahead of the host's was set anew. */
const LONGEST_BACKLOG_MS = 5000;

/**
 * Turns a counter of eight bits into an index that goes on over losses of more than a round. The device's clock tells the
 * rounds at once where two packets in a row agree about it. Without one, the host's clock does: after a pause packets
 * are held for a moment, until it is clear how many of them were only late.
 */
export class PacketCounter<Packet extends CountedPacket> {
  readonly #packetsPerSecond: number;
  readonly #roundMs: number;
  #index = -1;
  #counter = 0;
  #deviceMs: number | undefined;
  /** When the last packet before a pause was read. */
  #lastMicros = 0;
  #held: Held<Packet>[] = [];
  #heldFor: 'nothing' | 'agreement' | 'the present' = 'nothing';
  #heldSinceMicros = 0;

  constructor(packetsPerSecond: number) {
    this.#packetsPerSecond = packetsPerSecond;
    this.#roundMs = (MODULUS / packetsPerSecond) * 1000;
  }

  /** @returns the packets whose place is known now, in order */
  push(packet: Packet, hostMicros: number): readonly Placed<Packet>[] {
    if (this.#index < 0) {
      this.#index = 0;
      return [this.#settle(packet, hostMicros, 0)];
    }
    if (this.#heldFor === 'nothing') {
      const rounds = this.#roundsByDevice(packet);
      if (
        rounds === 0 ||
        (rounds === undefined && hostMicros - this.#lastMicros < this.#roundMs * 1000 * SUSPECT_ROUNDS)
      )
        return this.#place(packet, hostMicros, 0);
      this.#heldFor = rounds === undefined ? 'the present' : 'agreement';
      this.#heldSinceMicros = hostMicros;
      this.#held = [{ packet, hostMicros }];
      return [];
    }
    this.#held.push({ packet, hostMicros });
    return this.#heldFor === 'agreement' ? this.#decideByDevice() : this.release(hostMicros);
  }

  /** Packets that were held for the stream to reach the present. Call now and then, also when nothing comes. */
  release(nowMicros: number): readonly Placed<Packet>[] {
    if (this.#heldFor !== 'the present' || nowMicros - this.#heldSinceMicros < SETTLE_MS * 1000) return [];
    const newest = this.#held.at(-1)!;
    let nHere = 0;
    let counter = this.#counter;
    for (const { packet } of this.#held) {
      nHere += (packet.counter - counter) & (MODULUS - 1);
      counter = packet.counter;
    }
    const nDue = ((newest.hostMicros - this.#lastMicros) / 1e6) * this.#packetsPerSecond;
    return this.#placeHeld(Math.max(0, Math.round((nDue - nHere) / MODULUS)));
  }

  /** Rounds that the counter has made unseen, by the device's clock; undefined where it does not tell. */
  #roundsByDevice(packet: Packet): number | undefined {
    if (packet.deviceMs === undefined || this.#deviceMs === undefined) return undefined;
    const elapsedMs = wrapped(packet.deviceMs - this.#deviceMs);
    const nSteps = (packet.counter - this.#counter) & (MODULUS - 1);
    return Math.round((elapsedMs - (nSteps / this.#packetsPerSecond) * 1000) / this.#roundMs);
  }

  /** Two packets that say the same of the device's clock are believed; one alone may be damaged. */
  #decideByDevice(): readonly Placed<Packet>[] {
    const [first, second] = this.#held.map(({ packet }) => packet);
    const rounds = this.#roundsByDevice(first!);
    if (rounds === undefined || this.#roundsByDevice(second!) !== rounds) return this.#placeHeld(0);
    const pauseMs = (this.#held[0]!.hostMicros - this.#lastMicros) / 1000;
    const isPossible = rounds >= 0 && rounds * this.#roundMs < pauseMs + LONGEST_BACKLOG_MS;
    if (!isPossible) this.#deviceMs = undefined;
    return this.#placeHeld(isPossible ? rounds : 0);
  }

  #placeHeld(rounds: number): readonly Placed<Packet>[] {
    const held = this.#held;
    this.#held = [];
    this.#heldFor = 'nothing';
    return held.flatMap(({ packet, hostMicros }, i) => this.#place(packet, hostMicros, i === 0 ? rounds : 0));
  }

  /** A packet that repeats the counter of the one before is that one again, and is left out. */
  #place(packet: Packet, hostMicros: number, rounds: number): readonly Placed<Packet>[] {
    const nSteps = ((packet.counter - this.#counter) & (MODULUS - 1)) + rounds * MODULUS;
    return nSteps === 0 ? [] : [this.#settle(packet, hostMicros, nSteps)];
  }

  #settle(packet: Packet, hostMicros: number, nSteps: number): Placed<Packet> {
    const dueMs = this.#deviceMs === undefined ? undefined : this.#deviceMs + (nSteps / this.#packetsPerSecond) * 1000;
    this.#index += nSteps;
    this.#counter = packet.counter;
    this.#lastMicros = hostMicros;
    // A time stamp that is far from where it must be is damaged; without it the clock runs on as it should.
    const deviceMs = this.#believed(packet.deviceMs, dueMs);
    this.#deviceMs = deviceMs ?? dueMs;
    return { packet, index: this.#index, hostMicros, deviceMs };
  }

  #believed(toldMs: number | undefined, dueMs: number | undefined): number | undefined {
    if (toldMs === undefined || dueMs === undefined) return toldMs;
    const differenceMs = wrapped(toldMs - dueMs);
    return Math.abs(differenceMs) < this.#roundMs * SUSPECT_ROUNDS ? dueMs + differenceMs : undefined;
  }
}

/** A difference of two clocks that wrap after 2^32, between -2^31 and 2^31. */
function wrapped(difference: number): number {
  return difference - Math.round(difference / 2 ** 32) * 2 ** 32;
}
