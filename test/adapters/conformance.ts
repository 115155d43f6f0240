import { setTimeout as sleep } from 'node:timers/promises';
import { lastValueFrom, toArray, type Observable } from 'rxjs';
import type { Test } from 'tap';
import type { Adapter, Pacer } from '../../adapters/adapter.js';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { blockLength, type AdapterItem } from '../../pipelines/core/signal.js';
import { until } from '../until.js';

export interface ConformanceOptions<Options> {
  readonly adapter: Adapter<Options>;
  /** Of a stream that ends within seconds at full speed and is the same each time. */
  readonly options: Options;
  /** What the stream holds open at this moment (file descriptors, sockets), counted. */
  readonly resources?: () => number;
}

async function collect(stream: Observable<AdapterItem>): Promise<AdapterItem[]> {
  return lastValueFrom(stream.pipe(toArray()));
}

/** Index of the first item that breaks the contract of a stream, with the reason; undefined where all keep it. */
export function contractBreach(items: readonly AdapterItem[]): string | undefined {
  const info = items[0];
  if (info?.type !== 'info') return 'the first item is no StreamInfo';
  if (!(info.sampleRate > 0) || info.channels.length === 0) return 'a stream has a rate and channels';
  if (!Number.isSafeInteger(info.startTimeMicros)) return 'startTimeMicros is whole';
  if (new Set(info.channels.map(({ label }) => label)).size < info.channels.length) return 'two channels share a label';
  let next = 0;
  let told = -Infinity;
  for (const [i, item] of items.entries()) {
    switch (item.type) {
      case 'info':
        if (i > 0) return `item ${i} is a second StreamInfo`;
        break;
      case 'block': {
        const nSamples = blockLength(item);
        if (item.firstSample !== next) return `item ${i}: block at ${item.firstSample}, expected ${next}`;
        if (nSamples < 1) return `item ${i}: empty block`;
        if (item.samples.length !== info.channels.length) return `item ${i}: ${item.samples.length} channels`;
        if (item.samples.some((samples) => samples.length !== nSamples)) return `item ${i}: channels of unequal length`;
        if (item.samples.some((samples) => !samples.every(Number.isFinite)))
          return `item ${i}: values that are no number`;
        next += nSamples;
        break;
      }
      case 'gap':
        if (item.firstSample !== next) return `item ${i}: gap at ${item.firstSample}, expected ${next}`;
        if (!Number.isSafeInteger(item.nSamples) || item.nSamples < 1) return `item ${i}: gap of ${item.nSamples}`;
        next += item.nSamples;
        break;
      case 'clock':
        if (item.sample >= next || !Number.isFinite(item.hostMicros))
          return `item ${i}: a clock reading ahead of the samples`;
        break;
      case 'position':
        if (item.sample !== next) return `item ${i}: a position at ${item.sample}, expected ${next}`;
        break;
      case 'electrodes':
        if (item.sample > next) return `item ${i}: electrodes ahead of the samples`;
        if (item.channels.length !== info.channels.length) return `item ${i}: ${item.channels.length} electrodes`;
        break;
      case 'annotation': {
        // What the source tells late comes late; what comes in its time comes in order and not before its time.
        const reached = next / info.sampleRate;
        if (item.onsetSeconds < told && item.onsetSeconds >= reached) return `item ${i}: annotation out of order`;
        told = Math.max(told, item.onsetSeconds);
        break;
      }
    }
  }
  if (info.nSamplesTotal !== undefined && info.nSamplesTotal !== next)
    return `${next} samples of ${info.nSamplesTotal}`;
  return undefined;
}

/** What every adapter must do, whatever it reads. */
export function adapterConformance<Options>(
  t: Test,
  { adapter, options, resources = () => 0 }: ConformanceOptions<Options>,
): void {
  void t.test('keeps the contract of a stream', async (t) => {
    const items = await collect(adapter.open(options, { pacer: fullSpeedPacer() }));
    t.equal(contractBreach(items), undefined);
    t.ok(items.filter(({ type }) => type === 'block').length >= 4, 'has blocks to judge by');
  });

  void t.test('two subscriptions are independent and equal', async (t) => {
    const stream = adapter.open(options, { pacer: fullSpeedPacer() });
    const alone = await collect(stream);
    const [first, second] = await Promise.all([collect(stream), collect(stream)]);
    t.same(first, alone);
    t.same(second, alone);
  });

  void t.test('opens nothing before it is subscribed to', async (t) => {
    const before = resources();
    adapter.open(options, { pacer: fullSpeedPacer() });
    await sleep(20);
    t.equal(await settled(resources, before), before);
  });

  void t.test('unsubscribing at any moment releases everything and nothing follows', async (t) => {
    const before = resources();
    const nItems = (await collect(adapter.open(options, { pacer: fullSpeedPacer() }))).length;
    const moments = [...new Set([0, 1, 2, 3, 4, Math.floor(nItems / 2), nItems - 1])].filter((n) => n < nItems);
    for (const nWanted of moments) {
      let received = 0;
      await new Promise<void>((resolve, reject) => {
        const subscription = adapter.open(options, { pacer: fullSpeedPacer() }).subscribe({
          next: () => {
            received++;
            if (received === nWanted) leave();
          },
          error: reject,
        });
        const leave = (): void => {
          subscription.unsubscribe();
          setTimeout(resolve, 30);
        };
        if (nWanted === 0) leave();
      });
      t.equal(received, nWanted, `left after ${nWanted} items`);
      t.equal(await settled(resources, before), before, `nothing held after ${nWanted} items`);
    }
  });

  void t.test('unsubscribing while the pacer holds it back releases everything', async (t) => {
    const before = resources();
    let n = 0;
    const never: Pacer = { due: () => new Promise(() => undefined) };
    const subscription = adapter.open(options, { pacer: never }).subscribe(() => n++);
    await until(() => n > 0, 'StreamInfo');
    await sleep(60);
    t.equal(n, 1, 'only StreamInfo came');
    subscription.unsubscribe();
    await sleep(60);
    t.equal(n, 1);
    t.equal(await settled(resources, before), before);
  });

  void t.test('emits nothing before the pacer says so', async (t) => {
    const asked: number[] = [];
    let allowed = -Infinity;
    let sampleRate = NaN;
    const tooEarly: number[] = [];
    const pacer: Pacer = {
      due: async (streamSeconds) => {
        asked.push(streamSeconds);
        await new Promise((resolve) => setImmediate(resolve));
        allowed = streamSeconds;
      },
    };
    await new Promise<void>((resolve, reject) => {
      adapter.open(options, { pacer }).subscribe({
        next: (item) => {
          if (item.type === 'info') sampleRate = item.sampleRate;
          if (item.type !== 'block' && item.type !== 'gap') return;
          const nSamples = item.type === 'gap' ? item.nSamples : blockLength(item);
          const endSeconds = (item.firstSample + nSamples) / sampleRate;
          if (endSeconds > allowed) tooEarly.push(endSeconds);
        },
        error: reject,
        complete: resolve,
      });
    });
    t.same(tooEarly, []);
    t.ok(
      asked.every((seconds, i) => i === 0 || seconds > (asked[i - 1] as number)),
      'times asked for rise',
    );
  });

  void t.test('a pacer that refuses ends the stream with its error', async (t) => {
    const before = resources();
    const error = new Error('no more room');
    const pacer: Pacer = { due: (seconds) => (seconds > 0.6 ? Promise.reject(error) : Promise.resolve()) };
    await t.rejects(collect(adapter.open(options, { pacer })), error);
    await sleep(20);
    t.equal(await settled(resources, before), before);
  });
}

/** What is held when it has come down to `wanted`; closing a file takes a moment, on a busy machine more than one. */
async function settled(resources: () => number, wanted: number): Promise<number> {
  for (let i = 0; i < 100 && resources() !== wanted; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  return resources();
}
