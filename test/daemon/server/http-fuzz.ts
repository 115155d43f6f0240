import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../../adapters/synthetic/random.js';
import { errorText } from '../../../pipelines/core/errors.js';
import { runArguments, writeConfig } from '../../e2e/config-file.js';
import { DaemonProcess } from '../../e2e/daemon-process.js';
import { writeSyntheticRecording } from '../../e2e/synthetic-recording.js';
import { type FuzzBatch, type Fuzzer, type FuzzOutcomes, OutcomeCounter } from '../../fuzz/fuzz-batch.js';
import { FuzzFailure } from '../../fuzz/fuzz-failure.js';
import { INSPECTOR_ARGUMENT, InspectedMemory } from '../../inspected-memory.js';
import { ApiDocument } from '../protocol/api-document.js';
import { HttpRequests, type HttpInput } from './http-requests.js';
import { HUNG_UP, RawHttp, type RawAnswer } from './raw-http.js';

/** At a time. */
const N_CONNECTIONS = 8;
const ANSWER_MS = 30_000;
/** What a request may be answered with, whatever it is; 500 and its like are none of them. */
const STATUSES = new Set([
  101, 200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 408, 409, 412, 413, 414, 415, 417, 421, 426, 428, 431, 503,
]);
/** 503 that is no fault of the one who asks. */
const NOT_NOW = new Set(['REPLAY_NOT_READY', 'ALARM_STOPPING', 'LABEL_NOT_STORED']);
const STACK = /\n\s+at |node:internal|\/node_modules\/|is not a function|Cannot read propert/;

/** A daemon of its own on loopback, and what is sent to it. */
export class HttpFuzzer implements Fuzzer {
  readonly #daemon: DaemonProcess;
  readonly #folder: string;
  readonly #memory: InspectedMemory;
  readonly #document: ApiDocument;
  readonly requests: HttpRequests;
  readonly port: number;
  readonly #url: string;

  private constructor(
    daemon: DaemonProcess,
    folder: string,
    memory: InspectedMemory,
    document: ApiDocument,
    ids: readonly string[],
    url: string,
  ) {
    this.#daemon = daemon;
    this.#folder = folder;
    this.#memory = memory;
    this.#document = document;
    this.#url = url;
    this.port = Number(new URL(url).port);
    this.requests = new HttpRequests(document.served, this.port, ids);
  }

  static async start(): Promise<HttpFuzzer> {
    const folder = mkdtempSync(join(tmpdir(), 'chirpd-fuzz-'));
    const archive = join(folder, 'archive');
    mkdirSync(archive);
    writeSyntheticRecording(join(archive, 'recording.edf'), { seed: 3, seconds: 20 });
    writeFileSync(join(archive, 'damaged.edf'), 'not EDF');
    const config = writeConfig(folder, 'fuzz', {
      replays: { folders: [archive], max: 1 },
      beds: [
        {
          name: 'made-up',
          montage: ['Fp1-Fp2'],
          adapter: { kind: 'synthetic', seed: 3, nChannels: 2, sampleRate: 128 },
        },
        { name: 'pushed', adapter: { kind: 'push' } },
        { name: 'broken', adapter: { kind: 'edf', path: join(archive, 'damaged.edf') } },
      ],
    });
    const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')), {
      nodeArguments: [INSPECTOR_ARGUMENT],
    });
    try {
      const url = await daemon.ready();
      const memory = await InspectedMemory.open(daemon);
      const document = await ApiDocument.read(url, '/v1/openapi.json');
      const read = async (path: string): Promise<unknown> => (await fetch(new URL(path, url))).json();
      const { alarms } = (await read('/v1/alarms')) as { alarms: readonly { id: string }[] };
      const { records } = (await read('/v1/events?limit=50')) as { records: readonly { id?: string }[] };
      const ids = [...alarms, ...records].flatMap(({ id }) => id ?? []);
      return new HttpFuzzer(daemon, folder, memory, document, ids, url);
    } catch (error) {
      await daemon.kill();
      throw error;
    }
  }

  async run({ nInputs, seed, onInput }: FuzzBatch): Promise<FuzzOutcomes> {
    const counter = new OutcomeCounter();
    let next = 0;
    const work = async (): Promise<void> => {
      let connection: RawHttp | undefined;
      while (next < nInputs) {
        const number = next++;
        onInput(number);
        const input = this.requests.next(new Random(seed, `http ${String(number)}`));
        const startMs = performance.now();
        try {
          if (!input.isWhole || connection?.isOpen !== true) {
            connection?.destroy();
            connection = new RawHttp(this.port);
          }
          let answer = await this.#ask(connection, input);
          // One that stood open may have been closed for its age in the very moment.
          if (answer === HUNG_UP && input.isWhole)
            answer = await this.#ask((connection = new RawHttp(this.port)), input);
          counter.add(this.#judge(input, answer), performance.now() - startMs);
          if (!input.isWhole) connection.destroy();
        } catch (error) {
          next = nInputs;
          throw new FuzzFailure(number, input.bytes, errorText(error), { cause: error });
        }
      }
      connection?.destroy();
    };
    await Promise.all(Array.from({ length: N_CONNECTIONS }, work));
    await this.#checkDaemon(nInputs);
    const { heapBytes, externalBytes } = await this.#memory.held();
    return { ...counter.outcomes, heldBytes: heapBytes + externalBytes };
  }

  async stop(): Promise<void> {
    this.#memory.close();
    this.#daemon.signal('SIGTERM');
    const { code } = await this.#daemon.exited;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    if (code !== 0) throw new Error(`the daemon ended with ${String(code)}:\n${this.#daemon.stderr.slice(-2000)}`);
  }

  async #ask(connection: RawHttp, { bytes, isHead, isWhole }: HttpInput): Promise<RawAnswer | typeof HUNG_UP> {
    return connection.ask(bytes, { isHead, isLast: !isWhole, timeoutMs: ANSWER_MS });
  }

  /** @returns the status @throws Error where the answer is none that may come */
  #judge({ isWhole, isHead, operation }: HttpInput, answer: RawAnswer | typeof HUNG_UP): string {
    if (this.#daemon.hasExited) throw new Error(`the daemon has ended:\n${this.#daemon.stderr.slice(-2000)}`);
    if (answer === HUNG_UP) {
      if (isWhole) throw new Error('hung up on a whole request');
      return HUNG_UP;
    }
    const { status, headers, body } = answer;
    const text = body.toString();
    const shown = `${String(status)} ${text.slice(0, 300)}`;
    if (!STATUSES.has(status)) throw new Error(`answered with ${shown}`);
    if (STACK.test(text) && status >= 400) throw new Error(`an exception as it is: ${shown}`);
    if (status >= 400 && !isHead) {
      const { error } = JSON.parse(text) as { error?: { code?: string; message?: string } };
      if (!error?.code || !error.message) throw new Error(`an error without code and message: ${shown}`);
      if (status === 503 && !NOT_NOW.has(error.code)) throw new Error(`answered with ${shown}`);
    }
    if (operation !== undefined) {
      const { template, method } = operation;
      if (this.#document.answer(template, method, status) === undefined)
        throw new Error(`${method} ${template}: ${shown} is not documented`);
    }
    if (status < 400 && status !== 101 && headers['content-security-policy'] === undefined)
      throw new Error(`no security headers: ${shown}`);
    return String(status);
  }

  /** It serves others as ever, and logged no error. */
  async #checkDaemon(nInputs: number): Promise<void> {
    const failures = this.#daemon.log().filter(({ level, msg }) => level >= 50 && msg.includes('HTTP'));
    if (failures.length > 0) throw new FuzzFailure(nInputs, '', `the daemon logged: ${failures[0]?.text ?? ''}`);
    for (const path of ['/v1/health/live', '/v1/beds', '/v1/events?limit=1']) {
      const response = await fetch(new URL(path, this.#url));
      if (!response.ok)
        throw new FuzzFailure(nInputs, '', `${path} is answered with ${String(response.status)} afterwards`);
      await response.arrayBuffer();
    }
  }
}
