import type { Subscription } from 'rxjs';
import { cytonOptionsSchema } from '../../adapters/cyton/options.js';
import { CytonTalk } from '../../adapters/cyton/talk.js';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { Random } from '../../adapters/synthetic/random.js';
import { errorText, isChirpdError } from '../../pipelines/core/errors.js';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import { damage, pick, randomBytes } from '../fuzz/damage.js';
import { type FuzzBatch, type Fuzzer, type FuzzOutcomes, OutcomeCounter } from '../fuzz/fuzz-batch.js';
import { FuzzFailure } from '../fuzz/fuzz-failure.js';
import { until } from '../until.js';
import { contractBreach } from './conformance.js';
import { SERIAL_DEVICES } from './serial-devices.js';
import { SERIAL_PROTOCOLS, serialBytes } from './serial-fuzz.js';

/** Of each input, how often it is a board's answer and not bytes on the line of one that streams. */
const ANSWER_SHARE = 0.2;
/** Conversations at a time: most of each is waiting. */
const N_TALKS = 32;
/** What a conversation may take that nobody leaves. */
const TALK_MS = 400;
/** A device that was drowned in bytes is heard again, or is lost with a code, within so long. */
const RECOVERY_MS = 30_000;

const ANSWERS = [
  'OpenBCI V3 8-16 channel\r\nOn Board ADS1299 Device ID: 0x3E\r\nLIS3DH Device ID: 0x33\r\nFirmware: v3.1.2\r\n$$$',
  'OpenBCI V3 8-16 channel\r\nOn Daisy ADS1299 Device ID: 0x3E\r\nFirmware: v3.1.2\r\n$$$',
  ...[
    'Success: Channel set for 1$$$',
    'Success: Lead off set for 1$$$',
    'Failure: too few chars$$$',
    '16$$$',
    'no daisy to attach!8$$$',
  ],
  ...['Failure: Communications timeout - Device failed to poll Host$$$', 'Time stamp ON$$$', '$$$', '$$', '$$$$$$', ''],
];

/** A device on a pseudo-terminal that streams, and the adapter that reads it. */
interface OpenDevice {
  readonly name: string;
  readonly items: AdapterItem[];
  readonly ended: { error?: unknown };
  readonly inject: (bytes: Uint8Array) => void;
  readonly stop: () => Promise<void>;
}

async function openDevice(name: keyof typeof SERIAL_DEVICES): Promise<OpenDevice> {
  const { adapter, start } = SERIAL_DEVICES[name];
  const rig = await start();
  const items: AdapterItem[] = [];
  const ended: { error?: unknown } = {};
  const subscription: Subscription = adapter.open(rig.options, { pacer: fullSpeedPacer() }).subscribe({
    next: (item) => items.push(item),
    error: (error: unknown) => (ended.error = error),
  });
  const { emulator } = rig as unknown as { readonly emulator: { inject(bytes: Uint8Array): void } };
  return {
    name,
    items,
    ended,
    inject: (bytes) => {
      emulator.inject(bytes);
    },
    stop: async () => {
      subscription.unsubscribe();
      await rig.stop();
    },
  };
}

/** Bytes on real pseudo-terminals between those of devices that stream, and what a board may answer while it is set up. */
export const serialPortFuzzer: Fuzzer = {
  async run({ nInputs, seed, onInput }: FuzzBatch): Promise<FuzzOutcomes> {
    const counter = new OutcomeCounter();
    const names = Object.keys(SERIAL_DEVICES) as (keyof typeof SERIAL_DEVICES)[];
    const devices = await Promise.all(names.map(openDevice));
    try {
      await untilHeard(devices);
      const talks = new Set<Promise<void>>();
      let failure: FuzzFailure | undefined;
      for (let i = 0; i < nInputs && failure === undefined; i++) {
        onInput(i);
        const random = new Random(seed, `port ${String(i)}`);
        if (random.uniform() < ANSWER_SHARE) {
          const talk = talkOutcome(random)
            .then((outcome) => {
              counter.add(outcome, 0);
            })
            .catch((error: unknown) => {
              failure = new FuzzFailure(i, '', `a board's answers: ${errorText(error)}`, { cause: error });
            })
            .finally(() => talks.delete(talk));
          talks.add(talk);
          if (talks.size >= N_TALKS) await Promise.race(talks);
          continue;
        }
        const device = pick(random, devices);
        const bytes = serialBytes(random, pick(random, SERIAL_PROTOCOLS), random.whole(0, 255), random.whole(0, 20));
        device.inject(bytes);
        counter.add(`${device.name}: streams on`, 0);
        await new Promise((resolve) => setTimeout(resolve, 2));
        if (device.ended.error === undefined) continue;
        throw new FuzzFailure(i, bytes, `${device.name} was given up: ${errorText(device.ended.error)}`);
      }
      await Promise.all(talks);
      if (failure !== undefined) throw failure;
      await untilHeard(devices);
    } catch (error) {
      throw error instanceof FuzzFailure ? error : new FuzzFailure(nInputs, '', errorText(error), { cause: error });
    } finally {
      await Promise.all(devices.map(({ stop }) => stop()));
    }
    for (const { name, items } of devices) {
      const breach = contractBreach(items);
      if (breach !== undefined) throw new FuzzFailure(nInputs, '', `${name}: ${breach}`);
    }
    return counter.outcomes;
  },
};

/** Waits until each has sent further samples. */
async function untilHeard(devices: readonly OpenDevice[]): Promise<void> {
  for (const { name, items, ended } of devices) {
    const nBlocks = (): number => items.filter(({ type }) => type === 'block').length;
    const before = nBlocks();
    await until(() => nBlocks() >= before + 2 || ended.error !== undefined, `${name} streams`, RECOVERY_MS);
    if (ended.error !== undefined) throw new Error(`${name} was given up: ${errorText(ended.error)}`);
  }
}

/** A conversation with a board that answers what it likes. @returns how it ended @throws Error where it is no clear end */
async function talkOutcome(random: Random): Promise<string> {
  const leaving = new AbortController();
  const timer = setTimeout(() => {
    leaving.abort();
  }, TALK_MS);
  const input = random.uniform() < 0.3 ? { when: 'start' } : undefined;
  const options = cytonOptionsSchema.parse({
    port: '/dev/null',
    daisy: pick(random, ['auto', 'yes', 'no']),
    channels: [{ label: 'Fp1', gain: pick(random, [1, 24]) }, 'Fp2'],
    ...(input && { impedance: input }),
  });
  const talk = new CytonTalk(options, () => undefined);
  const answer = (): void => {
    const text =
      random.uniform() < 0.1 ? randomBytes(random, random.whole(0, 400)) : Buffer.from(pick(random, ANSWERS));
    talk.receive(random.uniform() < 0.5 ? text : damage(random, text, 3), Date.now() * 1000);
  };
  try {
    await talk.start(
      {
        write: (bytes) => {
          // What only starts and stops is not answered.
          if (!['s', 'b'].includes(Buffer.from(bytes).toString())) setImmediate(answer);
          return Promise.resolve();
        },
        nowMicros: () => Date.now() * 1000,
        close: () => Promise.resolve(),
      },
      leaving.signal,
    );
    return leaving.signal.aborted ? 'conversation: left' : 'conversation: streams';
  } catch (error) {
    if (isChirpdError(error) && error.code.startsWith('ADAPTER_')) return `conversation: ${error.code}`;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
