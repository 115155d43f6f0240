/** How the packets of a device look: all of one length, with a counter of one byte. */
export interface PacketShape {
  readonly nBytes: number;
  readonly firstByte: number;
  /** Where in the packet its counter is; it rises by one a packet and wraps after 255. */
  readonly counterAt: number;
  /** Whether a packet can begin at `offset`; all its bytes are there. */
  readonly looksRight: (bytes: Uint8Array, offset: number) => boolean;
}

/** What became of the bytes so far. */
export interface ParserCounts {
  readonly nPackets: number;
  /** Bytes that belong to no packet. */
  readonly nDiscarded: number;
  /** Times that the place of the packets was lost. */
  readonly nResyncs: number;
}

/**
 * Cuts a byte stream without checksums into packets. While packets follow one another, a right look, the counter that is
 * due and the first byte of another packet behind it are enough. After anything else (damage, lost packets, the beginning) a packet counts only when the next one
 * stands where it must and has the next counter: two looks and a counter that fit by chance are rarer than one in 10^9.
 * So damage costs the packets that it touches, and flipped bits within a packet that still looks right are that
 * packet's alone.
 */
export class PacketParser {
  readonly #shape: PacketShape;
  #bytes = new Uint8Array(4096);
  #start = 0;
  #end = 0;
  /** Counter of the last packet. */
  #last: number | undefined;
  /** Whether the packet at `#start` is where the one before it ends. */
  #isInStep = false;
  /** Bytes since the beginning that lie before the buffer. */
  #nBefore = 0;
  /** When the bytes up to a place in the stream were read; for those that are in the buffer. */
  readonly #readings: { readonly end: number; readonly hostMicros: number }[] = [];
  #nPackets = 0;
  #nDiscarded = 0;
  #nResyncs = 0;

  constructor(shape: PacketShape) {
    this.#shape = shape;
  }

  get counts(): ParserCounts {
    return { nPackets: this.#nPackets, nDiscarded: this.#nDiscarded, nResyncs: this.#nResyncs };
  }

  /**
   * @param hostMicros when the chunk was read
   * @param onPacket called for each packet in order: the bytes it lies in, valid during the call, where it begins, and
   *   when its last byte was read
   */
  push(
    chunk: Uint8Array,
    hostMicros: number,
    onPacket: (bytes: Uint8Array, offset: number, hostMicros: number) => void,
  ): void {
    this.#append(chunk);
    this.#readings.push({ end: this.#nBefore + this.#end, hostMicros });
    const { nBytes, counterAt } = this.#shape;
    for (;;) {
      const place = this.#next();
      if (place === undefined) return;
      if (place > this.#start) this.#discard(place - this.#start);
      this.#last = this.#bytes[place + counterAt]!;
      this.#isInStep = true;
      this.#nPackets++;
      this.#start = place + nBytes;
      onPacket(this.#bytes, place, this.#readAt(this.#start));
    }
  }

  /** When the byte before `place` was read; what was read before it is forgotten. */
  #readAt(place: number): number {
    const end = this.#nBefore + place;
    while (this.#readings.length > 1 && this.#readings[0]!.end < end) this.#readings.shift();
    return this.#readings[0]!.hostMicros;
  }

  /** Where the next packet begins, or undefined until more bytes tell. */
  #next(): number | undefined {
    const { nBytes, firstByte, counterAt, looksRight } = this.#shape;
    if (this.#end - this.#start <= nBytes) return undefined;
    if (this.#isInStep && looksRight(this.#bytes, this.#start)) {
      const isDue = this.#bytes[this.#start + counterAt] === this.#following(this.#last!);
      // Bytes lost within a packet can bring a byte into its last place that looks right there; what follows gives it away.
      if (isDue && this.#bytes[this.#start + nBytes] === firstByte) return this.#start;
    }
    for (let place = this.#start; place + nBytes <= this.#end; place++) {
      if (!looksRight(this.#bytes, place)) continue;
      const after = place + nBytes;
      // Bytes before `place` may be given up already: nothing there can be a packet.
      if (after + nBytes > this.#end) {
        this.#skipTo(place);
        return undefined;
      }
      const isFollowed = looksRight(this.#bytes, after);
      if (isFollowed && this.#bytes[after + counterAt] === this.#following(this.#bytes[place + counterAt]!))
        return place;
    }
    this.#skipTo(this.#end - nBytes + 1);
    return undefined;
  }

  #following(counter: number): number {
    return (counter + 1) & 0xff;
  }

  #skipTo(place: number): void {
    if (place > this.#start) this.#discard(place - this.#start);
    this.#start = place;
    this.#readAt(place);
  }

  #discard(nBytes: number): void {
    this.#nDiscarded += nBytes;
    if (this.#isInStep) this.#nResyncs++;
    this.#isInStep = false;
  }

  #append(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) {
      const kept = this.#end - this.#start;
      const room = Math.max(4096, 2 ** Math.ceil(Math.log2(2 * (kept + chunk.length))));
      const bytes = room > this.#bytes.length ? new Uint8Array(room) : this.#bytes;
      bytes.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = bytes;
      this.#nBefore += this.#start;
      this.#start = 0;
      this.#end = kept;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }
}
