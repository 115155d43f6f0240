import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Observable } from 'rxjs';
import t, { type Test } from 'tap';
import { reconnecting } from '../../adapters/reconnect.js';
import { StreamPlace } from '../../adapters/stream-place.js';
import { ChirpdError, errorText, isChirpdError } from '../../pipelines/core/errors.js';
import type { AdapterItem, StreamInfo } from '../../pipelines/core/signal.js';
import { contractBreach } from './conformance.js';

const RATE = 500;
const BLOCK = 10;

/** A source on a real socket: a number of four bytes for every ten samples, which goes on while nobody is connected. */
class Source {
  sampleRate = RATE;
  labels: readonly string[] = ['Fp1', 'Fp2'];
  nOpened = 0;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #beganMs = performance.now();
  #nSent = 0;

  async listen(): Promise<void> {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - this.#beganMs) / 1000) * (RATE / BLOCK));
      for (; this.#nSent < due; this.#nSent++) {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32LE(this.#nSent);
        for (const socket of this.#sockets) socket.write(bytes);
      }
    }, 5);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  /** The adapter: cold, errors when the connection ends, does not connect again. */
  open(): Promise<Observable<AdapterItem>> {
    return Promise.resolve(
      new Observable<AdapterItem>((subscriber) => {
        this.nOpened++;
        let firstSample = -1;
        let rest = Buffer.alloc(0);
        const socket = connect(this.#port, '127.0.0.1');
        socket.on('data', (bytes) => {
          rest = Buffer.concat([rest, bytes]);
          for (; rest.length >= 4 && !subscriber.closed; rest = rest.subarray(4)) {
            if (firstSample < 0) subscriber.next(this.#info());
            firstSample = Math.max(0, firstSample);
            const samples = this.labels.map(() => new Float32Array(BLOCK).fill(rest.readUInt32LE()));
            subscriber.next({ type: 'block', firstSample, samples });
            firstSample += BLOCK;
            const hostMicros = Date.now() * 1000;
            if (firstSample % 50 === 0) subscriber.next({ type: 'clock', sample: firstSample - 1, hostMicros });
          }
        });
        socket.on('error', () => undefined);
        socket.on('close', () => {
          subscriber.error(new ChirpdError('ADAPTER_TEST_LOST', 'the socket has closed'));
        });
        return () => socket.destroy();
      }),
    );
  }

  #info(): StreamInfo {
    const channels = this.labels.map((label) => ({ label, sourceLabel: label }));
    const startTimeMicros = Math.round(Date.now() * 1000 - (BLOCK / RATE) * 1e6);
    return { type: 'info', channels, leftOut: [], sampleRate: this.sampleRate, startTimeMicros, source: 'socket' };
  }
}

interface Heard {
  readonly items: AdapterItem[];
  readonly lost: string[];
  nConnected: number;
  /** What had been heard last at each connection. */
  readonly before: (AdapterItem['type'] | undefined)[];
  error: unknown;
  leave: () => void;
}

function listen(t: Test, source: Source): Heard {
  const heard: Heard = { items: [], lost: [], nConnected: 0, before: [], error: undefined, leave: () => undefined };
  const stream$ = reconnecting({
    open: () => source.open(),
    onLost: (error) => heard.lost.push(errorText(error)),
    onConnected: () => {
      heard.nConnected++;
      heard.before.push(heard.items.at(-1)?.type);
    },
  });
  const subscription = stream$.subscribe({
    next: (item) => heard.items.push(item),
    error: (error: unknown) => (heard.error = error),
  });
  heard.leave = () => {
    subscription.unsubscribe();
  };
  t.teardown(() => {
    heard.leave();
  });
  return heard;
}

async function until(isTrue: () => boolean, timeoutMs = 8000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error('it did not happen in time');
    await sleep(5);
  }
}

const nBlocks = ({ items }: Heard): number => items.filter(({ type }) => type === 'block').length;

t.test('goes on after a break with a gap of its length, again and again', async (t) => {
  const source = new Source();
  await source.listen();
  t.teardown(() => source.close());
  const heard = listen(t, source);
  await until(() => nBlocks(heard) > 60);
  for (const outageMs of [150, 900, 2500]) {
    await source.close();
    await sleep(outageMs);
    const before = nBlocks(heard);
    await source.listen();
    const backAt = performance.now();
    await until(() => nBlocks(heard) > before);
    t.ok(performance.now() - backAt < 2000, `streams again after ${String(Math.round(performance.now() - backAt))} ms`);
    await until(() => nBlocks(heard) > before + 60);
  }
  t.equal(contractBreach(heard.items), undefined);
  t.equal(heard.error, undefined);
  t.equal(heard.nConnected, 4);
  t.same(heard.before, ['block', 'block', 'block', 'block'], 'samples are there when it is told');
  const gaps = heard.items.filter((item) => item.type === 'gap');
  t.same([...new Set(gaps.map(({ reason }) => reason))], ['disconnected']);
  t.equal(gaps.length, 3);
  const numberAt = (sample: number): number =>
    heard.items.filter((item) => item.type === 'block').find(({ firstSample }) => firstSample === sample)!
      .samples[0]![0]!;
  for (const { firstSample, nSamples } of gaps) {
    const nTaken = (numberAt(firstSample + nSamples) - numberAt(firstSample - BLOCK) - 1) * BLOCK;
    t.ok(Math.abs(nSamples - nTaken) <= BLOCK, `a gap of ${nSamples} samples where the source took ${nTaken}`);
  }
  t.match(heard.lost[0], /socket has closed/);
});

t.test('a break is told though a host that reads late makes it seem to have taken no time', (t) => {
  const channels = [{ label: 'Fp1', sourceLabel: 'Fp1' }];
  const info = {
    type: 'info',
    channels,
    leftOut: [],
    sampleRate: 100,
    startTimeMicros: 5_000_000,
    source: '',
  } as const;
  const missed = (nextSample: number, dueMicros: number): number =>
    new StreamPlace(info, { nextSample, dueMicros, rateHz: 100, originMicros: undefined }).settle();
  t.equal(missed(500, 4_900_000), 10);
  t.equal(missed(500, 5_200_000), 1, 'the last sample was read 0.2 s after the next one was due');
  t.equal(missed(0, 5_200_000), 0, 'none had come, none is missing');
  t.end();
});

t.test('a source that is not there yet is waited for, and unsubscribing ends that', async (t) => {
  const source = new Source();
  await source.listen();
  await source.close();
  const heard = listen(t, source);
  await until(() => heard.lost.length >= 3);
  t.same(heard.items, []);
  await source.listen();
  await until(() => nBlocks(heard) > 3);
  t.equal(heard.nConnected, 1);
  await source.close();
  await until(() => heard.lost.length >= 5);
  heard.leave();
  const { nOpened } = source;
  await sleep(1500);
  t.equal(source.nOpened, nOpened, 'no attempt after leaving');
});

t.test('a source that comes back as another ends the stream', async (t) => {
  for (const change of [{ sampleRate: 250 }, { labels: ['Fp1', 'O1'] }]) {
    const source = new Source();
    await source.listen();
    const heard = listen(t, source);
    await until(() => nBlocks(heard) > 3);
    await source.close();
    Object.assign(source, change);
    await source.listen();
    await until(() => heard.error !== undefined);
    t.ok(isChirpdError(heard.error, 'ADAPTER_CHANGED'), errorText(heard.error));
    await source.close();
  }
});

t.test('wrong options are not tried again', async (t) => {
  let nOpened = 0;
  const error = new ChirpdError('ADAPTER_OPTIONS', 'wrong');
  const open = (): Promise<Observable<AdapterItem>> => {
    nOpened++;
    return Promise.reject(error);
  };
  const told = await new Promise((resolve) => reconnecting({ open }).subscribe({ error: resolve }));
  t.equal(told, error);
  t.equal(nOpened, 1);
});
