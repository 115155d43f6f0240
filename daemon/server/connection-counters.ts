/** What became of the connections at one WebSocket path since the daemon started. */
export interface ConnectionFigures {
  readonly nConnected: number;
  readonly nAdmitted: number;
  /** Turned away because as many were connected as may be: in all, or from one address. */
  readonly nRefused: { readonly inAll: number; readonly perAddress: number };
  /** How many the daemon ended, by close code; 1006 counts those that did not answer pings. */
  readonly closed: Readonly<Record<string, number>>;
}

/** With which close code `ws` ends a connection on a broken frame; all others are 1002. */
const FRAME_ERRORS: Readonly<Record<string, number>> = {
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
};

/** Limits how many are connected, and counts how they go. */
export class ConnectionCounters {
  readonly #maxInAll: number;
  readonly #maxPerAddress: number;
  readonly #nByAddress = new Map<string, number>();
  readonly #nClosed = new Map<number, number>();
  #nConnected = 0;
  #nAdmitted = 0;
  #nRefusedInAll = 0;
  #nRefusedPerAddress = 0;

  constructor(maxInAll: number, maxPerAddress: number) {
    this.#maxInAll = maxInAll;
    this.#maxPerAddress = maxPerAddress;
  }

  /** Why one more from an address is not taken, for people; undefined where it is. */
  refusal(address: string): string | undefined {
    if (this.#nConnected >= this.#maxInAll) {
      this.#nRefusedInAll++;
      return `${String(this.#maxInAll)} are connected, which is the limit`;
    }
    if ((this.#nByAddress.get(address) ?? 0) < this.#maxPerAddress) return undefined;
    this.#nRefusedPerAddress++;
    return `${String(this.#maxPerAddress)} are connected from ${address}, which is the limit for one address`;
  }

  /** Counts a connection in. Returns how to count it out; call that once. */
  admit(address: string): () => void {
    this.#nAdmitted++;
    this.#nConnected++;
    this.#nByAddress.set(address, (this.#nByAddress.get(address) ?? 0) + 1);
    return () => {
      this.#nConnected--;
      const nLeft = (this.#nByAddress.get(address) ?? 0) - 1;
      if (nLeft > 0) this.#nByAddress.set(address, nLeft);
      else this.#nByAddress.delete(address);
    };
  }

  closed(code: number): void {
    this.#nClosed.set(code, (this.#nClosed.get(code) ?? 0) + 1);
  }

  /** A socket's error: `ws` closes it on frames that break the protocol, and those count. */
  broken(error: Error): void {
    const code = 'code' in error ? String(error.code) : '';
    if (code.startsWith('WS_ERR_')) this.closed(FRAME_ERRORS[code] ?? 1002);
  }

  figures(): ConnectionFigures {
    return {
      nConnected: this.#nConnected,
      nAdmitted: this.#nAdmitted,
      nRefused: { inAll: this.#nRefusedInAll, perAddress: this.#nRefusedPerAddress },
      closed: Object.fromEntries(Array.from(this.#nClosed, ([code, n]) => [String(code), n])),
    };
  }
}
