import { readSync, statSync } from 'node:fs';
import { SerialPort } from 'serialport';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';

/**
 * Between two looks at the port, on average: half of what an FTDI chip holds bytes back for. At random from half to one
 * and a half of it, so that looks do not march in step with what comes: some bytes are then read as soon as they are there,
 * which is what the time of a sample is told by.
 */
const LOOK_EVERY_MS = 8;
/** The same at first, while the place of a new connection in its stream is sought, and for how long. */
const LOOK_AT_FIRST_EVERY_MS = 2;
const AT_FIRST_MS = 3000;
/** No data for so long: look whether the port is still there. */
const CHECK_AFTER_MS = 200;
const BUFFER_BYTES = 65_536;
/** `Date.now` is cut to whole milliseconds. One that is further from its start than this was set. */
const CLOCK_SET_MS = 5;

/** An open serial port. */
export interface SerialLine {
  /** @throws ChirpdError ADAPTER_SERIAL_LOST */
  write(bytes: Uint8Array): Promise<void>;
  /** The clock of `onBytes`: Unix microseconds that never run backwards. */
  nowMicros(): number;
  /** Ends the watch and frees the port; nothing is heard of it afterwards. */
  close(): Promise<void>;
}

export interface SerialLineOptions {
  readonly path: string;
  readonly baudRate: number;
  /** Gets what has come: the bytes, valid during the call, and when they were read (Unix microseconds, monotonic). */
  readonly onBytes: (bytes: Uint8Array, hostMicros: number) => void;
  /** The port has gone (ADAPTER_SERIAL_LOST); it is closed already. */
  readonly onLost: (error: ChirpdError) => void;
}

type Port = Awaited<ReturnType<typeof SerialPort.binding.open>>;

/**
 * Opens a port with 8 data bits, no parity, 1 stop bit, for nobody else, and watches it. What lay in its buffers is
 * thrown away. On Unix the descriptor is read here: the library's own reader takes the end of a pseudo-terminal for a
 * pause and goes round at full speed without telling anybody, and it wakes for every few bytes.
 * @throws ChirpdError ADAPTER_SERIAL_OPEN, ADAPTER_SERIAL_BUSY
 */
export async function openSerialLine(options: SerialLineOptions): Promise<SerialLine> {
  const { path, baudRate } = options;
  let port: Port;
  try {
    port = await SerialPort.binding.open({ path, baudRate });
  } catch (error) {
    throw openingError(path, error);
  }
  return new Line(port, options);
}

function openingError(path: string, cause: unknown): ChirpdError {
  const text = errorText(cause);
  if (/lock port|access denied|resource busy/i.test(text))
    return new ChirpdError('ADAPTER_SERIAL_BUSY', `${path} is in use: end the other program that has it open`, {
      cause,
    });
  const advice = /permission/i.test(text)
    ? 'may not be opened by this user: add the user to the group that owns it (dialout on Debian)'
    : /no such file|file not found|no such device/i.test(text)
      ? 'is not there: plug the device in, or see `chirpd devices` for what is'
      : `cannot be opened as a serial port: ${text.replace(/^Error:?\s*/, '')}`;
  return new ChirpdError('ADAPTER_SERIAL_OPEN', `${path} ${advice}`, { cause });
}

class Line implements SerialLine {
  readonly #port: Port;
  readonly #options: SerialLineOptions;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  readonly #identity: string | undefined;
  /** A clock that is set back does not turn time round. */
  readonly #originMicros = unixOriginMicros();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #openedMs = performance.now();
  #lastDataMs = this.#openedMs;
  #isClosed = false;

  constructor(port: Port, options: SerialLineOptions) {
    this.#port = port;
    this.#options = options;
    this.#identity = identityOf(options.path);
    if ('fd' in port) this.#timer = setTimeout(this.#look, 0);
    else void this.#readForever();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.#port.write(Buffer.from(bytes));
    } catch (error) {
      if (this.#isClosed) return;
      throw this.#lostError(error);
    }
  }

  nowMicros(): number {
    return Math.round(this.#originMicros + performance.now() * 1000);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    // A port that has gone may refuse; it is gone all the same.
    await this.#port.close().catch(() => undefined);
  }

  readonly #look = (): void => {
    try {
      while (this.#readOnce() === BUFFER_BYTES && !this.#isClosed);
      if (performance.now() - this.#lastDataMs > CHECK_AFTER_MS && identityOf(this.#options.path) !== this.#identity) {
        throw new Error('the device is no longer there');
      }
    } catch (error) {
      this.#lose(error);
      return;
    }
    if (this.#isClosed) return;
    const everyMs = performance.now() - this.#openedMs < AT_FIRST_MS ? LOOK_AT_FIRST_EVERY_MS : LOOK_EVERY_MS;
    this.#timer = setTimeout(this.#look, everyMs * (0.5 + Math.random()));
  };

  /** @returns the number of bytes that were waiting @throws when the port has gone */
  #readOnce(): number {
    const fd = 'fd' in this.#port ? this.#port.fd : undefined;
    if (typeof fd !== 'number') throw new Error('the port was closed');
    let nBytes: number;
    try {
      nBytes = readSync(fd, this.#buffer);
    } catch (error) {
      if (['EAGAIN', 'EINTR'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
      throw error;
    }
    if (nBytes === 0) throw new Error('the other end has hung up');
    this.#hand(nBytes);
    return nBytes;
  }

  /** Where there is no descriptor to look at (Windows), the library's reader waits for bytes. */
  async #readForever(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const { bytesRead } = await this.#port.read(this.#buffer, 0, BUFFER_BYTES);
        if (!this.#isClosed) this.#hand(bytesRead);
      } catch (error) {
        this.#lose(error);
      }
    }
  }

  #hand(nBytes: number): void {
    this.#lastDataMs = performance.now();
    this.#options.onBytes(this.#buffer.subarray(0, nBytes), this.nowMicros());
  }

  #lose(cause: unknown): void {
    if (this.#isClosed) return;
    void this.close();
    this.#options.onLost(this.#lostError(cause));
  }

  #lostError(cause: unknown): ChirpdError {
    return new ChirpdError(
      'ADAPTER_SERIAL_LOST',
      `${this.#options.path} has gone while it was read (${errorText(cause)}): look at the cable and the power`,
      { cause },
    );
  }
}

/** Unix microseconds at the zero of `performance.now()`: as the process began, unless the clock was set since. */
function unixOriginMicros(): number {
  const earliest = performance.timeOrigin + performance.now();
  const unix = Date.now();
  const latest = performance.timeOrigin + performance.now();
  const isSet = unix < earliest - CLOCK_SET_MS || unix > latest + CLOCK_SET_MS;
  return (performance.timeOrigin + (isSet ? unix + 0.5 - latest : 0)) * 1000;
}

/** What a path stands for now: another device under the same name counts as another. Undefined: nothing. */
function identityOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : `${String(stats.dev)}:${String(stats.ino)}:${String(stats.rdev)}`;
}
