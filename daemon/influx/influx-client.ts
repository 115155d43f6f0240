import http from 'node:http';
import https from 'node:https';
import { InfluxDB } from 'influx';
import { ChirpdError, isChirpdError } from '../../pipelines/core/errors.js';
import { tagText } from './field-text.js';
import { influxError, nPointsTooOld } from './influx-error.js';
import type { InfluxPoint } from './influx-point.js';

export interface InfluxClientOptions {
  readonly url: string;
  readonly database: string;
  readonly username: string | undefined;
  readonly password: string;
  readonly timeoutMs: number;
  /** Tags of every point. */
  readonly tags: Readonly<Record<string, string>>;
}

/** A host that failed is asked again at once: the forwarder itself decides when. */
const NO_BACKOFF = {
  getDelay: () => 0,
  next: () => NO_BACKOFF,
  reset: () => NO_BACKOFF,
};

/** One row of an answer, by column. */
export type InfluxRow = Readonly<Record<string, unknown>>;

/**
 * The `influx` package with what it lacks: an answer that starts and never ends is given up, requests under way can be
 * cut off, errors in an accepted statement are errors, and no error carries the password.
 */
export class InfluxClient {
  readonly #options: InfluxClientOptions;
  readonly #influx: InfluxDB;
  readonly #agent: http.Agent;
  #isClosed = false;
  /** When each request under way was begun, monotonic milliseconds; oldest first. */
  readonly #begunMs = new Set<{ readonly atMs: number }>();

  constructor(options: InfluxClientOptions) {
    this.#options = options;
    const { url, database, username, password, timeoutMs } = options;
    const { protocol, hostname, port, pathname } = new URL(url);
    const isHttps = protocol === 'https:';
    this.#agent = isHttps ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
    this.#influx = new InfluxDB({
      protocol: isHttps ? 'https' : 'http',
      host: hostname,
      port: port === '' ? (isHttps ? 443 : 80) : Number(port),
      path: pathname.replace(/\/$/, ''),
      options: { agent: this.#agent },
      database,
      username: username ?? '',
      password,
      pool: { maxRetries: 0, requestTimeout: timeoutMs, backoff: NO_BACKOFF },
    });
  }

  /**
   * Resolves when InfluxDB has the points on disk, with the number of those that its retention policy does not keep.
   * @throws ChirpdError SINK_INFLUX_...
   */
  async write(points: readonly InfluxPoint[]): Promise<number> {
    const written = points.map(({ measurement, tags, fields, timeNanos }) => ({
      measurement,
      tags: writtenTags({ ...this.#options.tags, ...tags }),
      fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
      timestamp: timeNanos.toString(),
    }));
    return this.#request(async () => {
      try {
        await this.#influx.writePoints(written, { precision: 'n' });
        return 0;
      } catch (error) {
        const nTooOld = nPointsTooOld(error);
        if (nTooOld === undefined) throw error;
        return nTooOld;
      }
    });
  }

  /** Runs one InfluxQL statement; rows of its first series. @throws ChirpdError SINK_INFLUX_... */
  async query(statement: string, { changes = false } = {}): Promise<readonly InfluxRow[]> {
    const answer: unknown = await this.#request(() =>
      this.#influx.queryRaw(statement, { method: changes ? 'POST' : 'GET', precision: 'u' }),
    );
    return rowsOf(answer, this.#options.url);
  }

  /** How long InfluxDB has owed an answer, milliseconds; 0 where it owes none. */
  get waitingMs(): number {
    const [oldest] = this.#begunMs;
    return oldest === undefined ? 0 : performance.now() - oldest.atMs;
  }

  /** Whether it is there: asks for something that any user may ask. @throws ChirpdError SINK_INFLUX_... */
  async probe(): Promise<void> {
    try {
      await this.query('SHOW DATABASES');
    } catch (error) {
      // An answer all the same.
      if (!isChirpdError(error, 'SINK_INFLUX_REFUSED')) throw error;
    }
  }

  /** Cuts off what is under way. */
  close(): void {
    this.#isClosed = true;
    this.#agent.destroy();
  }

  async #request<Result>(start: () => Promise<Result>): Promise<Result> {
    const { url, timeoutMs } = this.#options;
    if (this.#isClosed) throw new ChirpdError('SINK_INFLUX_UNREACHABLE', `the connection to ${url} is closed`);
    const begun = { atMs: performance.now() };
    this.#begunMs.add(begun);
    let timer: NodeJS.Timeout | undefined;
    // The package's own time limit is one of silence; this one is for the whole of an answer.
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error('its answer does not end'));
        this.#agent.destroy();
      }, 2 * timeoutMs);
    });
    try {
      return await Promise.race([start(), late]);
    } catch (error) {
      throw influxError(error, url);
    } finally {
      clearTimeout(timer);
      this.#begunMs.delete(begun);
    }
  }
}

function writtenTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(tags).filter(([, value]) => value !== '');
  return Object.fromEntries(entries.map(([name, value]) => [name, tagText(value)] as const));
}

interface RawAnswer {
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly columns: readonly string[]; readonly values?: readonly unknown[][] }[];
  }[];
}

function rowsOf(answer: unknown, url: string): readonly InfluxRow[] {
  const result = (answer as RawAnswer).results?.[0];
  if (result?.error !== undefined) {
    const code = result.error.startsWith('database not found') ? 'SINK_INFLUX_NO_DATABASE' : 'SINK_INFLUX_REFUSED';
    throw new ChirpdError(code, `InfluxDB at ${url} refuses a statement: ${result.error}`);
  }
  const { columns = [], values = [] } = result?.series?.[0] ?? {};
  return values.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
}
