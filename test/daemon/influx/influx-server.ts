import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { freePort } from '../../free-port.js';

export const ADMIN = { username: 'admin', password: 'pass of "admin" \\ ß' } as const;

/** Largest write that the server takes. */
export const MAX_BODY_BYTES = 2_000_000;

/** Why tests with InfluxDB cannot run; false where they can, and with CI=true, where they must. */
export const influxMissing: string | false =
  process.env['CI'] === 'true' || spawnSync('influxd', ['version']).status === 0
    ? false
    : 'needs the Debian package influxdb';

const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** A real InfluxDB with authentication, on loopback ports and in a folder of its own. */
export class InfluxServer {
  readonly url: string;
  readonly port: number;
  readonly #folder: string;
  readonly #configPath: string;
  #child: ChildProcess | undefined;
  #password: string = ADMIN.password;
  output = '';

  private constructor(folder: string, httpPort: number, rpcPort: number) {
    this.#folder = folder;
    this.port = httpPort;
    this.url = `http://127.0.0.1:${String(httpPort)}`;
    this.#configPath = join(folder, 'influxdb.conf');
    writeFileSync(this.#configPath, configText(folder, httpPort, rpcPort));
  }

  /**
   * Starts one with an administrator and nothing else, which ends with the test.
   * @param parent of its folder
   */
  static async start(t: Test, parent = tmpdir()): Promise<InfluxServer> {
    const folder = mkdtempSync(join(parent, 'chirpd-influx-'));
    const server = new InfluxServer(folder, await freePort(), await freePort());
    t.teardown(async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    });
    await server.start();
    return server;
  }

  /** Starts it with what it has on disk; a new one gets its administrator. */
  async start(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    const child = spawn('influxd', ['-config', this.#configPath], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    living.add(child);
    child.on('exit', () => living.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.output = (this.output + chunk.toString()).slice(-100_000)));
    }
    const endMs = performance.now() + 20_000;
    while (!(await this.#answers())) {
      if (child.exitCode !== null || performance.now() > endMs) throw new Error(`influxd: ${this.output}`);
      await sleep(20);
    }
    const users = await this.#post(
      `CREATE USER "${ADMIN.username}" WITH PASSWORD ${literal(this.#password)} WITH ALL PRIVILEGES`,
      '',
      { username: ADMIN.username, password: this.#password },
    );
    if (!users.ok && users.status !== 401) throw new Error(`no administrator: ${await users.text()}`);
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** Forgets everything; stop it before. */
  wipe(): void {
    for (const name of ['meta', 'data', 'wal']) rmSync(join(this.#folder, name), { recursive: true, force: true });
    this.#password = ADMIN.password;
  }

  async setPassword(password: string): Promise<void> {
    await this.query(`SET PASSWORD FOR "${ADMIN.username}" = ${literal(password)}`);
    this.#password = password;
  }

  /** Rows of every series of a statement, tags of the series among the columns; times in microseconds. */
  async query(
    statement: string,
    database = 'chirpd',
    user: Credentials = { username: ADMIN.username, password: this.#password },
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const response = await this.#post(statement, `db=${database}&epoch=u`, user);
    const answer = (await response.json()) as Answer;
    const error = answer.error ?? answer.results?.find((result) => result.error !== undefined)?.error;
    if (error !== undefined) throw new Error(`${statement}: ${error}`);
    return (answer.results ?? []).flatMap(({ series = [] }) =>
      series.flatMap(({ columns, values, tags = {} }) =>
        values.map((row) => ({ ...tags, ...Object.fromEntries(columns.map((column, i) => [column, row[i]])) })),
      ),
    );
  }

  async #post(statement: string, parameters: string, { username, password }: Credentials): Promise<Response> {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const body = new URLSearchParams({ q: statement });
    return fetch(`${this.url}/query?${parameters}`, { method: 'POST', body, headers: { authorization } });
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/ping`)).ok;
    } catch {
      return false;
    }
  }
}

interface Credentials {
  readonly username: string;
  readonly password: string;
}

interface Answer {
  readonly error?: string;
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly columns: readonly string[];
      readonly values: readonly (readonly unknown[])[];
      readonly tags?: Readonly<Record<string, string>>;
    }[];
  }[];
}

function literal(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}

function configText(folder: string, httpPort: number, rpcPort: number): string {
  return `reporting-disabled = true
bind-address = "127.0.0.1:${String(rpcPort)}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
[http]
  bind-address = "127.0.0.1:${String(httpPort)}"
  auth-enabled = true
  log-enabled = false
  max-body-size = ${String(MAX_BODY_BYTES)}
[monitor]
  store-enabled = false
[ifql]
  enabled = false
`;
}
