import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../../adapters/synthetic/random.js';
import { Pusher } from '../../../daemon/client/node.js';
import { encodePusherMessage } from '../../../daemon/protocol/ingest-codec.js';
import { INGEST_CLOSE } from '../../../daemon/protocol/ingest-messages.js';
import { SUBPROTOCOL_MSGPACK } from '../../../daemon/protocol/messages.js';
import { errorText } from '../../../pipelines/core/errors.js';
import { runArguments, writeConfig } from '../../e2e/config-file.js';
import { DaemonProcess } from '../../e2e/daemon-process.js';
import { type FuzzBatch, type Fuzzer, type FuzzOutcomes, OutcomeCounter } from '../../fuzz/fuzz-batch.js';
import { FuzzFailure } from '../../fuzz/fuzz-failure.js';
import { INSPECTOR_ARGUMENT, InspectedMemory } from '../../inspected-memory.js';
import { ABNORMAL, FuzzedPusher, type PushOutcome } from './fuzzed-pusher.js';
import { type IngestInput, ingestInput, validHello, validSamples } from './ingest-inputs.js';

/** At a time, each with a bed of its own. */
const N_PUSHERS = 8;
const ANSWER_MS = 30_000;
/** With which ws closes by itself: a broken frame, text that is no UTF-8, a message that is too long. */
const WS_CODES = [1002, 1007, 1009];
const CODES = new Set<number>([...Object.values(INGEST_CLOSE), ...WS_CODES]);
const STACK = /\n\s+at |node:internal|\/node_modules\/|is not a function|Cannot read propert/;
const WELL = 'well';
const WELL_RATE = 128;
const WELL_TICK_MS = 100;

function bedOf(worker: number): string {
  return `fuzzed ${String(worker + 1)}`;
}

/** A daemon of its own on loopback, pushers that do everything wrong, and one beside them that must not notice. */
export class IngestFuzzer implements Fuzzer {
  readonly #daemon: DaemonProcess;
  readonly #folder: string;
  readonly #memory: InspectedMemory;
  readonly #url: string;
  readonly #well: Pusher;
  readonly #wellTimer: NodeJS.Timeout;
  #nStreams = 0;

  private constructor(daemon: DaemonProcess, folder: string, memory: InspectedMemory, url: string) {
    this.#daemon = daemon;
    this.#folder = folder;
    this.#memory = memory;
    this.#url = url;
    this.#well = new Pusher({ url, bed: WELL, channels: ['F7', 'T7'], sampleRate: WELL_RATE, source: 'a neighbour' });
    this.#well.ready().catch(() => undefined);
    const nSamples = (WELL_RATE * WELL_TICK_MS) / 1000;
    this.#wellTimer = setInterval(() => {
      this.#well.send([0, 1].map((c) => Float32Array.from({ length: Math.round(nSamples) }, (_, i) => 10 * c + i)));
    }, WELL_TICK_MS);
  }

  static async start(): Promise<IngestFuzzer> {
    const folder = mkdtempSync(join(tmpdir(), 'chirpd-fuzz-'));
    const names = [...Array.from({ length: N_PUSHERS }, (_, worker) => bedOf(worker)), WELL];
    const config = writeConfig(folder, 'fuzz', { beds: names.map((name) => ({ name, adapter: { kind: 'push' } })) });
    const args = runArguments(config, join(folder, 'data'));
    const daemon = new DaemonProcess(args, { nodeArguments: [INSPECTOR_ARGUMENT] });
    try {
      const url = await daemon.ready();
      return new IngestFuzzer(daemon, folder, await InspectedMemory.open(daemon), url);
    } catch (error) {
      await daemon.kill();
      throw error;
    }
  }

  async run({ nInputs, seed, onInput }: FuzzBatch): Promise<FuzzOutcomes> {
    const counter = new OutcomeCounter();
    const wellBefore = this.#well.figures.acknowledged;
    let next = 0;
    const work = async (worker: number): Promise<void> => {
      const bed = bedOf(worker);
      let pusher: FuzzedPusher | undefined;
      while (next < nInputs) {
        const number = next++;
        onInput(number);
        const input = ingestInput(new Random(seed, `ingest ${String(number)}`), bed);
        let bytes: Buffer = Buffer.alloc(0);
        try {
          pusher = await this.#connection(pusher, input, bed);
          bytes = input.bytes(pusher.nextSample);
          const startMs = performance.now();
          counter.add(this.#judge(input, await send(pusher, input, bytes)), performance.now() - startMs);
        } catch (error) {
          next = nInputs;
          throw new FuzzFailure(number, bytes, `${this.#ending()}${errorText(error)}`, { cause: error });
        }
      }
      pusher?.hangUp();
    };
    await Promise.all(Array.from({ length: N_PUSHERS }, (_, worker) => work(worker)));
    await this.#checkDaemon(nInputs, wellBefore);
    const { heapBytes, externalBytes } = await this.#memory.held();
    return { ...counter.outcomes, heldBytes: heapBytes + externalBytes };
  }

  async stop(): Promise<void> {
    clearInterval(this.#wellTimer);
    this.#well.abort();
    this.#memory.close();
    this.#daemon.signal('SIGTERM');
    const { code } = await this.#daemon.exited;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    if (code !== 0) throw new Error(`the daemon ended with ${String(code)}:\n${this.#daemon.stderr.slice(-2000)}`);
  }

  get #port(): number {
    return Number(new URL(this.#url).port);
  }

  /** As the input wants it: new, or one that was told ready. */
  async #connection(last: FuzzedPusher | undefined, input: IngestInput, bed: string): Promise<FuzzedPusher> {
    const { subprotocol, isFirst } = input;
    if (last?.isReady === true && !isFirst && last.subprotocol === subprotocol) return last;
    last?.hangUp();
    return isFirst ? new FuzzedPusher(this.#port, subprotocol) : this.#readyPusher(bed, subprotocol);
  }

  /** One that does as it should, and is let. @throws Error where its bed takes nothing any more */
  async #readyPusher(bed: string, subprotocol: FuzzedPusher['subprotocol']): Promise<FuzzedPusher> {
    const deadlineMs = performance.now() + ANSWER_MS;
    for (;;) {
      const pusher = new FuzzedPusher(this.#port, subprotocol);
      const outcome = await pusher.greet(
        validHello(bed, `good-${bed.replaceAll(' ', '-')}-${String(this.#nStreams)}`),
        ANSWER_MS,
      );
      if (outcome === 'taken') return pusher;
      pusher.hangUp();
      // The one before may not be gone yet, or another stream has the bed: this one is another from now on.
      if (outcome.code !== INGEST_CLOSE.bedTaken && outcome.code !== INGEST_CLOSE.mismatch) {
        throw new Error(
          `a hello without fault is answered with ${String(outcome.code)}: ${outcome.error?.message ?? ''}`,
        );
      }
      if (performance.now() > deadlineMs) throw new Error(`${bed} is taken for good: ${outcome.error?.message ?? ''}`);
      this.#nStreams++;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** @returns how it ended, in words @throws Error where it must not end so */
  #judge({ kind }: IngestInput, outcome: PushOutcome): string {
    if (this.#daemon.hasExited) throw new Error('the daemon is gone');
    if (outcome === 'taken') return 'taken';
    const { code, error } = outcome;
    // Behind bytes that are no frame whoever sent them has hung up.
    if (kind === 'frame' && (code === ABNORMAL || code === 1005)) return 'cut off';
    const shown = `${String(code)}: ${JSON.stringify(error)}`;
    if (!CODES.has(code) || code === INGEST_CLOSE.internalError) throw new Error(`closed with ${shown}`);
    if (code >= 4000 && !error?.message) throw new Error(`closed without an error message: ${shown}`);
    if (STACK.test(error?.message ?? '')) throw new Error(`an exception as it is: ${shown}`);
    return `closed with ${String(code)}`;
  }

  /** It serves others as ever: the neighbour lost nothing, and each bed takes a pusher without faults. */
  async #checkDaemon(nInputs: number, wellBefore: number): Promise<void> {
    try {
      const failures = this.#daemon.log().filter(({ level }) => level >= 50);
      if (failures.length > 0) throw new Error(`the daemon logged: ${failures[0]?.text ?? ''}`);
      for (let worker = 0; worker < N_PUSHERS; worker++) {
        const pusher = await this.#readyPusher(bedOf(worker), SUBPROTOCOL_MSGPACK);
        const block = { type: 'block', firstSample: pusher.nextSample, samples: validSamples() } as const;
        await pusher.ask(Buffer.from(encodePusherMessage(SUBPROTOCOL_MSGPACK, block)), true, ANSWER_MS);
        await pusher.acknowledgedTo(block.firstSample + 1, ANSWER_MS);
        pusher.hangUp();
      }
      const { acknowledged, nDropped, nReconnects } = this.#well.figures;
      if (acknowledged <= wellBefore || nDropped > 0 || nReconnects > 0) {
        throw new Error(`the neighbour: ${JSON.stringify(this.#well.figures)}, ${String(wellBefore)} before`);
      }
      const health = await fetch(new URL('/v1/health/live', this.#url));
      if (!health.ok) throw new Error(`/v1/health/live is answered with ${String(health.status)}`);
    } catch (error) {
      throw new FuzzFailure(nInputs, '', `afterwards, ${this.#ending()}${errorText(error)}`, { cause: error });
    }
  }

  #ending(): string {
    return this.#daemon.hasExited ? `the daemon has ended:\n${this.#daemon.stderr.slice(-2000)}\n` : '';
  }
}

function send(pusher: FuzzedPusher, { kind }: IngestInput, bytes: Buffer): Promise<PushOutcome> {
  return kind === 'frame' ? pusher.blurt(bytes, ANSWER_MS) : pusher.ask(bytes, kind === 'binary', ANSWER_MS);
}
