import t from 'tap';
import type { BedInfo, HelloMessage, SpectrogramHistory, SpectrogramMessage } from '../../daemon/protocol/messages.js';
import { BedBoard } from '../../dashboards/web/bedBoard.js';
import type { BedModel } from '../../dashboards/web/bedModel.js';

const START = 1_700_000_000_000_000;
const ROWS = 128;
const HOP = 0.46875;

function infoOf(bed: string, more: Partial<BedInfo> = {}): BedInfo {
  return {
    bed,
    source: 'test',
    synthetic: true,
    state: 'streaming',
    stateText: '',
    derivations: ['F7-T7', 'T7-P7'],
    sampleRate: 256,
    profiles: [
      { name: 'slow', rowHz: 0.125, hopSeconds: HOP },
      { name: 'wide', rowHz: 1, hopSeconds: HOP },
    ],
    startTimeMicros: START,
    newestTimeMicros: START + 100e6,
    newestAgeMs: 10,
    speed: 1,
    ...more,
  };
}

const timeOf = (column: number, start = START): number => start + 1.5e6 + column * HOP * 1e6;

/** The daemon says in each byte which column it is, plus `mark`. */
function historyOf(columns: readonly number[], more: Partial<SpectrogramHistory> = {}, mark = 0): SpectrogramHistory {
  return {
    type: 'spectrogramHistory',
    bed: 'A',
    profile: 'slow',
    startTimeMicros: START,
    rowHz: 0.125,
    hopSeconds: HOP,
    nDerivations: 2,
    columns,
    timesMicros: columns.map((column) => timeOf(column, more.startTimeMicros)),
    decibels: Uint8Array.from(columns.flatMap((column) => Array<number>(2 * ROWS).fill(column + mark))),
    ...more,
  };
}

function live(column: number, mark = 0): SpectrogramMessage {
  const { decibels, profile, rowHz, bed } = historyOf([column], {}, mark);
  return {
    type: 'spectrogram',
    bed,
    profile,
    rowHz,
    hopSeconds: HOP,
    column,
    timeMicros: timeOf(column),
    decibels,
  };
}

interface Question {
  readonly bed: string;
  readonly profile: string;
  answer(history: SpectrogramHistory): Promise<void>;
  fail(): Promise<void>;
}

/** A board whose questions for columns the test answers when it likes. */
class TestBoard {
  readonly questions: Question[] = [];
  readonly board = new BedBoard({
    readTimeline: async () => Promise.resolve([]),
    readBeds: async () => Promise.resolve([]),
    onBedsChanged: () => undefined,
    readSpectrogram: async (bed, profile) =>
      new Promise((resolve, reject) => {
        const settled = async (): Promise<void> => new Promise((done) => setImmediate(done));
        this.questions.push({
          bed,
          profile,
          answer: async (history) => {
            resolve(history);
            await settled();
          },
          fail: async () => {
            reject(new Error('away'));
            await settled();
          },
        });
      }),
  });

  hello(...beds: BedInfo[]): void {
    const message: HelloMessage = {
      type: 'hello',
      protocol: 1,
      version: '0',
      demonstration: true,
      serverTimeMicros: START + 100e6,
      cursor: 0,
      heartbeatSeconds: 5,
      beds,
    };
    this.board.take(message, 0);
  }

  /** A connection up to the answer to its subscription. */
  connect(...beds: BedInfo[]): void {
    this.hello(...beds);
    this.board.take({ type: 'subscribed', topics: ['events', 'spectrogram'], beds: 'all' }, 0);
    this.refresh();
  }

  refresh(nowMs = 0): void {
    this.board.refresh(nowMs);
  }

  /** The newest question. */
  get question(): Question {
    const question = this.questions.at(-1);
    if (question === undefined) throw new Error('nothing was asked');
    return question;
  }

  bed(name = 'A'): BedModel {
    const bed = this.board.beds.get(name);
    if (bed === undefined) throw new Error(`no bed ${name}`);
    return bed;
  }
}

/** Which columns a bed has, with the first byte of each. */
function shown(bed: BedModel): [column: number, byte: number | undefined][] {
  const { ring } = bed;
  if (ring === undefined) return [];
  return Array.from({ length: ring.newest - ring.oldest + 1 }, (_, i) => ring.oldest + i)
    .filter((column) => ring.levels(column) !== undefined)
    .map((column) => [column, ring.levels(column)?.[0]]);
}

void t.test('columns from before the board was opened, merged with live ones', async (t) => {
  const test = new TestBoard();
  test.hello(infoOf('A'));
  test.refresh();
  t.equal(test.questions.length, 0, 'nothing is asked before live columns are on their way');
  test.connect(infoOf('A'));
  t.match(test.question, { bed: 'A', profile: 'slow' });
  test.board.take(live(56, 100), 0);
  test.board.take(live(57, 100), 0);
  const bed = test.bed();
  const { generation } = bed;
  // 53 and 54 never came; the answer overlaps with 56 and 57, and is ahead of the live columns by one.
  await test.question.answer(historyOf([50, 51, 52, 55, 56, 57, 58]));
  test.board.take(live(58, 100), 0);
  test.board.take(live(59, 100), 0);
  t.same(shown(bed), [
    [50, 50],
    [51, 51],
    [52, 52],
    [55, 55],
    [56, 156],
    [57, 157],
    [58, 58],
    [59, 159],
  ]);
  t.ok(bed.generation > generation, 'the picture is painted again');
  t.equal(bed.microsOf(bed.columnSeconds(50)), timeOf(50));
  test.refresh(60_000);
  t.equal(test.questions.length, 1, 'once is enough');
});

void t.test('shown at once, before any live column', async (t) => {
  const test = new TestBoard();
  test.connect(infoOf('A', { state: 'ended' }));
  await test.question.answer(historyOf([10, 11]));
  t.same(shown(test.bed()), [
    [10, 10],
    [11, 11],
  ]);
  t.equal(test.bed().rowHz, 0.125);
  t.equal(test.bed().newestEdgeSeconds, 1.5 + 11.5 * HOP);
});

void t.test('a hole left by a lost connection is filled', async (t) => {
  const test = new TestBoard();
  test.connect(infoOf('A'));
  await test.question.answer(historyOf([50]));
  test.connect(infoOf('A', { newestTimeMicros: START + 103e6 }));
  t.equal(test.questions.length, 2);
  test.board.take(live(53), 0);
  await test.question.answer(historyOf([50, 51, 52, 53]));
  t.same(
    shown(test.bed()).map(([column]) => column),
    [50, 51, 52, 53],
  );
  const { generation } = test.bed();
  test.connect(infoOf('A', { newestTimeMicros: START + 103e6 }));
  await test.question.answer(historyOf([52, 53]));
  t.equal(test.bed().generation, generation, 'nothing new, nothing to paint');
});

void t.test('columns of another stream are not taken', async (t) => {
  const test = new TestBoard();
  test.connect(infoOf('A'));
  const old = test.question;
  test.connect(infoOf('A', { newestTimeMicros: START + 2e6 }));
  await old.answer(historyOf([150, 151]));
  t.same(shown(test.bed()), [], 'an answer of the connection before');
  await test.question.answer(historyOf([0, 1]));
  t.same(
    shown(test.bed()).map(([column]) => column),
    [0, 1],
  );

  const later = START + 500e6;
  const restarted = infoOf('A', { startTimeMicros: later, newestTimeMicros: later + 5e6 });
  const heartbeat = { type: 'heartbeat', serverTimeMicros: later, cursor: 0, beds: [restarted] } as const;
  test.board.take(heartbeat, 0);
  t.same(shown(test.bed()), [], 'a stream that begins anew drops what was shown');
  test.refresh();
  t.equal(test.questions.length, 3, 'and is asked for');
  await test.question.answer(historyOf([7]));
  t.same(shown(test.bed()), [], 'an answer about the former stream');
  test.bed().addHistory(historyOf([2, 3], { startTimeMicros: later }));
  test.bed().addHistory(historyOf([4], { startTimeMicros: later, nDerivations: 1 }));
  test.bed().addHistory(historyOf([4], { startTimeMicros: later, decibels: new Uint8Array(5) }));
  test.bed().addHistory(historyOf([], { startTimeMicros: later }));
  t.same(
    shown(test.bed()).map(([column]) => column),
    [2, 3],
  );
});

void t.test('a bed whose columns are shown does not wait for its first ones', async (t) => {
  const test = new TestBoard();
  test.connect(infoOf('A'));
  t.equal(test.bed().freshness(500, true), 'waiting');
  await test.question.answer(historyOf([150, 151]));
  t.equal(test.bed().freshness(500, true), 'fresh');
  t.equal(test.bed().freshness(1400, true), 'stale', 'by the age that the daemon told');
});

void t.test('few at a time, only what is seen, again after a failure, and for another profile', async (t) => {
  const test = new TestBoard();
  const names = ['A', 'B', 'C', 'D', 'E'];
  test.hello(...names.map((name) => infoOf(name)));
  test.bed('B').isShown = false;
  test.connect(...names.map((name) => infoOf(name)));
  test.refresh();
  const asked = (): string[] => test.questions.map(({ bed }) => bed);
  t.same(asked(), ['A', 'C', 'D']);
  await test.questions[1]?.fail();
  test.refresh();
  t.same(asked(), ['A', 'C', 'D', 'E']);
  for (const question of test.questions) await question.answer(historyOf([1], { bed: question.bed }));
  test.refresh();
  t.equal(test.questions.length, 4, 'not at once again');
  test.refresh(performance.now() + 4000);
  t.same(asked().slice(4), ['C']);
  test.bed('B').isShown = true;
  test.refresh();
  t.same(asked().slice(5), ['B'], 'scrolled into sight');

  const bed = test.bed('A');
  bed.show('wide');
  t.same(shown(bed), []);
  test.refresh();
  t.match(test.question, { bed: 'A', profile: 'wide' });
  await test.question.answer(historyOf([1, 2], { profile: 'wide', rowHz: 1 }));
  t.same(
    shown(bed).map(([column]) => column),
    [1, 2],
  );
  t.equal(bed.rowHz, 1);
});
