import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LslNetwork } from '../../../adapters/lsl/network.js';
import { PEERS_PYTHON } from '../python-peers.js';

/** A stream of `lsl_outlet.py`; see there. */
export interface OutletOptions {
  readonly name: string;
  readonly nChannels: number;
  readonly sampleRate: number;
  readonly nominalRate?: number;
  readonly type?: string;
  readonly format?: string;
  readonly sourceId?: string;
  readonly labels?: readonly string[];
  readonly units?: readonly string[];
  readonly types?: readonly string[];
  readonly desc?: Readonly<Record<string, string>>;
  readonly cycle?: number;
  readonly step?: number;
  readonly chunk?: number;
  readonly stamps?: 'explicit' | 'arrival';
  readonly nSamples?: number;
  readonly waitForConsumer?: boolean;
  readonly pollSeconds?: number;
}

/** A program that uses the real liblsl, in Python. */
export class LiblslProgram {
  readonly #child: ChildProcess;
  readonly #lines: Record<string, unknown>[] = [];
  readonly #ended: Promise<void>;
  #wake: () => void = () => undefined;
  #isOver = false;

  constructor(script: string, args: readonly string[], configPath: string) {
    this.#child = spawn(PEERS_PYTHON, ['-u', join(import.meta.dirname, script), ...args], {
      env: { ...process.env, LSLAPICFG: configPath },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', () => {
        this.#isOver = true;
        this.#wake();
        resolve();
      });
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      this.#lines.push(JSON.parse(line) as Record<string, unknown>);
      this.#wake();
    });
    // It may be killed while a command is on its way.
    this.#child.stdin!.on('error', () => undefined);
  }

  /** The next thing that it tells. @throws Error where it ends instead */
  async told(): Promise<Record<string, unknown>> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.#isOver) throw new Error('the program with liblsl has ended');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  tell(command: string): void {
    this.#child.stdin!.write(`${command}\n`);
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

/** A network of its own on this machine's loopback, for liblsl and for chirpd. */
export class Laboratory {
  readonly network: LslNetwork;
  readonly #folder = mkdtempSync(join(tmpdir(), 'chirpd-lsl-'));
  readonly #config: string;
  readonly #programs: LiblslProgram[] = [];

  constructor() {
    const multicastPort = 20_000 + 40 * Math.floor(Math.random() * 300);
    this.network = {
      session: `chirpd-test-${process.pid}-${multicastPort}`,
      scope: 'machine',
      addresses: ['239.255.172.215'],
      interfaces: ['127.0.0.1'],
      multicastPort,
      basePort: multicastPort + 1,
    };
    this.#config = join(this.#folder, 'lsl_api.cfg');
    writeFileSync(
      this.#config,
      [
        '[ports]',
        `MulticastPort = ${multicastPort}`,
        `BasePort = ${multicastPort + 1}`,
        'IPv6 = disable',
        '[multicast]',
        'ResolveScope = machine',
        'AddressesOverride = {239.255.172.215}',
        'Interfaces = {127.0.0.1}',
        'TTLOverride = 0',
        '[lab]',
        `SessionID = ${this.network.session}`,
        '[log]',
        'level = -3',
        '',
      ].join('\n'),
    );
  }

  /** Resolves when the outlet is there. */
  async outlet(options: OutletOptions): Promise<LiblslProgram> {
    const outlet = this.program('lsl_outlet.py', [JSON.stringify(options)]);
    await outlet.told();
    return outlet;
  }

  program(script: string, args: readonly string[]): LiblslProgram {
    const program = new LiblslProgram(script, args, this.#config);
    this.#programs.push(program);
    return program;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.kill()));
    rmSync(this.#folder, { recursive: true });
  }
}
