import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Random } from '../../adapters/synthetic/random.js';
import { Subscriber } from '../../daemon/client/node.js';
import { type AlarmMessage, isTimelineMessage, type TimelineMessage } from '../../daemon/protocol/messages.js';
import { chirpd } from '../daemon/cli/chirpd.js';
import { AlarmPage } from '../dashboards/alarm-page.js';
import { chromiumPath, launchChromium } from '../dashboards/browser.js';
import { ensureBuilt } from '../dashboards/daemon.js';
import { answer, AlarmHistory, byId, stateOf } from '../e2e/alarm-history.js';
import { allOpenAlarms } from '../e2e/alarm-records.js';
import { type BedInput, runArguments, writeConfig } from '../e2e/config-file.js';
import { DaemonProcess } from '../e2e/daemon-process.js';
import { readTimeline } from '../e2e/read-timeline.js';
import { temporaryFolder } from '../e2e/temporary-folder.js';
import { freePort } from '../free-port.js';
import { until } from '../until.js';
import { Watchers } from '../watchers.js';
import { DroppingSender } from './dropping-sender.js';

/** `npm run torture` makes it 1,000. */
const N_ALARMS = Number(process.env['CHIRPD_TEST_ALARMS'] ?? 250);
const seed = Number(process.env['CHIRPD_TEST_SEED'] ?? Date.now() % 1_000_000);
/** A report as JSON goes there. */
const REPORT = process.env['CHIRPD_TORTURE_JSON'];

/** Beds whose sender breaks off again and again: so many alarms are under way at a time. */
const N_SENDERS = 64;
/** Beds with chirps, each of which is an alarm that latches. */
const N_CHIRPING = 4;
const N_BOARDS = 3;
/** Who answers: nobody, one board by its dialog, two boards at once, else one board by the call that the dialog makes. */
const SHARE = { nobody: 0.08, dialog: 0.12, two: 0.25 };
/** A bed that was not streaming when its sender broke off raises nothing. */
const RAISED_WITHIN_MS = 4000;
const SETTLED_MS = 60_000;

interface Attempt {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  /** `won`: it counts; `later`: another was first; `refused`: it was over; `unknown`: no answer came. */
  readonly outcome: 'won' | 'later' | 'refused' | 'unknown';
  /** Who was told to be first. */
  readonly first?: string;
}

/** Of `audit.jsonl`: how often each acknowledgement that was answered with 200 stands there, by alarm, name and note. */
function notedAnswers(path: string): ReadonlyMap<string, number> {
  const noted = new Map<string, number>();
  for (const line of readFileSync(path, 'utf8').trimEnd().split('\n')) {
    const { what, status, body } = JSON.parse(line) as { what: string; status?: number; body?: string };
    const [, id] = /^POST \/v1\/alarms\/([^/]+)\/acknowledge$/.exec(what) ?? [];
    if (id === undefined || status !== 200 || body === undefined) continue;
    const { name, note = '' } = JSON.parse(body) as { name: string; note?: string };
    const key = `${decodeURIComponent(id)} ${answer({ name, note })}`;
    noted.set(key, (noted.get(key) ?? 0) + 1);
  }
  return noted;
}

/** A program that follows the alarms over restarts, and whoever waits for one. */
class Ear {
  readonly records: TimelineMessage[] = [];
  /** The open alarm of each bed. */
  readonly openOf = new Map<string, AlarmMessage>();
  nRaised = 0;
  readonly #subscriber: Subscriber;
  readonly #watchers = new Watchers();

  constructor(url: string) {
    this.#subscriber = new Subscriber({ url, topics: ['alarms'], since: 0, longestRetryMs: 500 });
    this.#subscriber.messages$.subscribe((message) => {
      if (!isTimelineMessage(message)) return;
      this.records.push(message);
      if (message.type === 'alarm') this.#take(message);
    });
  }

  async until(isTrue: () => boolean, timeoutMs = SETTLED_MS): Promise<boolean> {
    return this.#watchers.until(isTrue, timeoutMs);
  }

  wake(): void {
    this.#watchers.wake();
  }

  close(): void {
    this.#subscriber.close();
  }

  #take(message: AlarmMessage): void {
    if (message.what === 'raised') this.nRaised++;
    if (message.what === 'cleared') this.openOf.delete(message.bed);
    else this.openOf.set(message.bed, message);
    this.wake();
  }
}

const executablePath = chromiumPath();
const skip = executablePath === undefined && 'no chromium here (apt-get install chromium)';
if (executablePath === undefined && process.env['CI'] === 'true') t.fail('chromium is missing, and CI must have it');

t.setTimeout(240_000 + N_ALARMS * 400);

const title = `${N_ALARMS} alarms, ${N_BOARDS} boards, a SIGKILL and a SIGTERM: boards, timeline and answers agree`;
t.test(title, { skip }, async (t) => {
  ensureBuilt();
  t.comment(`CHIRPD_TEST_SEED=${seed}`);
  const random = new Random(seed, 'alarms');
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  const port = await freePort();
  const address = `http://127.0.0.1:${port}/`;
  const ports: number[] = [];
  while (ports.length < N_SENDERS) {
    const free = await freePort();
    if (free !== port && !ports.includes(free)) ports.push(free);
  }
  const nameOf = (i: number): string => `Bed ${i + 1}`;
  const beds: BedInput[] = [
    ...ports.map((port, i) => ({
      name: nameOf(i),
      adapter: { kind: 'tcp', port } as const,
      montage: ['F7-T7'],
      alarmRules: [],
    })),
    ...Array.from({ length: N_CHIRPING }, (_, i) => ({
      name: `Chirps ${i + 1}`,
      adapter: { kind: 'synthetic', seed: i + 1, nChannels: 2, sampleRate: 128 } as const,
      montage: ['Fp1-Fp2'],
      speed: 20,
    })),
  ];
  const config = writeConfig(folder, 'alarms', {
    server: { port },
    detection: { presence: 0.25, confirmSteps: 1 },
    journal: { minutes: 0 },
    history: { hours: 0 },
    // What somebody has acknowledged comes back within seconds, and what nobody has is more urgent then.
    alarms: { rules: [{ priority: 'medium', each: true }], repeatMinutes: 0.1, escalateMinutes: 0.1 },
    beds,
  });
  const start = async (): Promise<DaemonProcess> => {
    const daemon = new DaemonProcess(runArguments(config, data));
    t.teardown(() => daemon.kill());
    await daemon.ready();
    return daemon;
  };
  let daemon = await start();
  /** Of the daemon: the first, the one after the SIGKILL, the one after the SIGTERM. */
  let life = 1;
  const ear = new Ear(address);
  const browser = await launchChromium(executablePath ?? '');
  const senders = ports.map((port) => new DroppingSender(port));
  let isOver = false;
  t.teardown(async () => {
    isOver = true;
    for (const sender of senders) sender.stop();
    ear.close();
    await browser.close();
  });
  const boards: AlarmPage[] = [];
  for (let i = 0; i < N_BOARDS; i++) boards.push(await AlarmPage.open(browser, address));
  const anyBoard = (): AlarmPage => boards[random.whole(0, N_BOARDS - 1)]!;
  const startMs = performance.now();

  const attempts: Attempt[] = [];
  let nNames = 0;
  /** How many answers there were of each status other than 200; 0: none came. */
  const statuses = new Map<number, number>();
  const call = async (board: AlarmPage, id: string): Promise<void> => {
    const [name, note] = [`Nurse ${++nNames}`, random.uniform() < 0.5 ? '' : `note ${nNames}`];
    const { status, alarm } = await board.acknowledge(id, name, note);
    const first = alarm?.acknowledged;
    const isOwn = first?.name === name && first.note === note;
    if (status === 200) {
      attempts.push({ id, name, note, outcome: isOwn ? 'won' : 'later', ...(first && { first: answer(first) }) });
    } else {
      attempts.push({ id, name, note, outcome: status === 404 ? 'refused' : 'unknown' });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  let nByDialog = 0;
  const fill = async (board: AlarmPage, id: string): Promise<void> => {
    const [name, note] = [`Nurse ${++nNames}`, `dialog ${nNames}`];
    const said = await board.acknowledgeByDialog(id, name, note);
    const first = /^Acknowledged by (.*)\.$/.exec(said)?.[1];
    if (said === '') nByDialog++;
    if (said === '') attempts.push({ id, name, note, outcome: 'won' });
    else if (first !== undefined && first !== name) attempts.push({ id, name, note, outcome: 'later' });
    else if (said !== 'no button') attempts.push({ id, name, note, outcome: 'unknown' });
  };
  const answerSomehow = async (id: string): Promise<void> => {
    const draw = random.uniform();
    const board = anyBoard();
    if (draw < SHARE.nobody) return;
    if (draw < SHARE.nobody + SHARE.dialog) await fill(board, id);
    else if (draw < SHARE.nobody + SHARE.dialog + SHARE.two) {
      const other = boards[(boards.indexOf(board) + 1) % N_BOARDS]!;
      await Promise.all([call(board, id), random.uniform() < 0.2 ? fill(other, id) : call(other, id)]);
    } else await call(board, id);
  };

  /** A bed's sender breaks off, the alarm is answered or not, the sender comes back, and so on. */
  const dropAgainAndAgain = async (i: number): Promise<void> => {
    const [sender, bed] = [senders[i]!, nameOf(i)];
    await sleep(random.between(0, 2000));
    while (!isOver && ear.nRaised < N_ALARMS) {
      const lifeBefore = life;
      await sender.connect();
      await sleep(400);
      await ear.until(() => isOver || life !== lifeBefore || !ear.openOf.has(bed));
      sender.drop();
      if (isOver || life !== lifeBefore) continue;
      await ear.until(() => isOver || life !== lifeBefore || ear.openOf.has(bed), RAISED_WITHIN_MS);
      const alarm = ear.openOf.get(bed);
      if (alarm !== undefined && !isOver) await answerSomehow(alarm.id);
    }
    sender.drop();
  };
  /** Alarms about patients are answered, too; they ask again, and latch. */
  const lookAtPatients = async (): Promise<void> => {
    while (!isOver && ear.nRaised < N_ALARMS) {
      const alarms = [...ear.openOf.values()].filter(({ kind }) => kind === 'physiological');
      const alarm = alarms[random.whole(0, Math.max(0, alarms.length - 1))];
      if (alarm !== undefined) await answerSomehow(alarm.id);
      await sleep(random.between(200, 1500));
    }
  };
  const restart = async (signal: 'SIGKILL' | 'SIGTERM', atRaised: number): Promise<void> => {
    while (ear.nRaised < atRaised) await ear.until(() => ear.nRaised >= atRaised);
    daemon.signal(signal);
    const exit = await daemon.exited;
    t.match(exit, signal === 'SIGKILL' ? { signal } : { code: 0 }, `${signal} after ${ear.nRaised} alarms`);
    life++;
    ear.wake();
    daemon = await start();
  };
  const restarts = async (): Promise<void> => {
    await restart('SIGKILL', Math.round(N_ALARMS / 3));
    await restart('SIGTERM', Math.round((2 * N_ALARMS) / 3));
  };
  const progress = setInterval(() => {
    process.stderr.write(`${ear.nRaised} of ${N_ALARMS} alarms, ${attempts.length} answers, life ${life}\n`);
  }, 5000);
  t.teardown(() => {
    clearInterval(progress);
  });
  await Promise.all([restarts(), lookAtPatients(), ...senders.map((_, i) => dropAgainAndAgain(i))]);
  const seconds = (performance.now() - startMs) / 1000;

  // At rest: what is open now is the same everywhere.
  const asJson = (value: unknown): string => JSON.stringify(value);
  let listed: readonly (readonly unknown[])[] = [];
  let open: readonly unknown[] = [];
  await until(
    async () => {
      // Of all alarms: some are raised after the last of those that were wanted.
      const bedsById = new Map(
        ear.records.flatMap((record) => (record.type === 'alarm' ? [[record.id, record.bed] as const] : [])),
      );
      const before = byId((await allOpenAlarms(address)).map(stateOf));
      listed = await Promise.all(boards.map(async (board) => byId(await board.listed(bedsById))));
      open = byId((await allOpenAlarms(address)).map(stateOf));
      return asJson(before) === asJson(open) && listed.every((list) => asJson(list) === asJson(open));
    },
    'boards that have what the daemon has',
    SETTLED_MS,
  ).catch((error: unknown) => {
    t.comment(String(error));
  });
  for (const [i, list] of listed.entries()) t.strictSame(list, open, `board ${i + 1} lists what the daemon has open`);
  let records: readonly TimelineMessage[] = [];
  let history = new AlarmHistory([]);
  await until(
    async () => {
      records = (await readTimeline(address)).filter(({ type }) => type === 'alarm' || type === 'acknowledgement');
      history = new AlarmHistory(records);
      return asJson(history.open) === asJson(byId((await allOpenAlarms(address)).map(stateOf)));
    },
    'a timeline that adds up to what is open',
    SETTLED_MS,
  ).catch((error: unknown) => {
    t.comment(String(error));
    t.strictSame(history.open, open, 'the records of the timeline add up to what is open');
  });
  t.strictSame(history.faults, [], 'every alarm has a whole history');
  t.ok(history.raised.length >= N_ALARMS, `${history.raised.length} alarms`);
  const newest = records.at(-1)?.cursor ?? 0;
  await ear.until(() => (ear.records.at(-1)?.cursor ?? 0) >= newest);
  const heard = ear.records.filter(
    ({ cursor, type }) => cursor <= newest && (type === 'alarm' || type === 'acknowledgement'),
  );
  t.strictSame(heard, records, 'a program that follows over both restarts heard all, once, in order');

  const timesIn = ({ id, name, note }: Attempt): number =>
    (history.answers.get(id) ?? []).filter((told) => told === answer({ name, note })).length;
  const of = (outcome: Attempt['outcome']): readonly Attempt[] =>
    attempts.filter((attempt) => attempt.outcome === outcome);
  t.strictSame(
    of('won').filter((attempt) => timesIn(attempt) !== 1),
    [],
    `each of ${of('won').length} answers that counts stands in the timeline once, with name and note`,
  );
  const { length: nLater } = of('later');
  t.ok(nLater > 0, `${nLater} were told that another was first`);
  const doubtful = [...of('later'), ...of('refused')].filter((attempt) => timesIn(attempt) > 0);
  t.strictSame(doubtful, [], 'and stand nowhere');
  const firsts = of('later').flatMap(({ id, first = '' }) =>
    first === '' || (history.answers.get(id) ?? []).includes(first) ? [] : [{ id, first }],
  );
  t.strictSame(firsts, [], 'but who was first does');
  t.strictSame(
    of('unknown').filter((attempt) => timesIn(attempt) > 1),
    [],
    'none stands twice of which no answer came',
  );
  const noted = notedAnswers(join(data, 'audit.jsonl'));
  t.strictSame(
    of('won').filter(({ id, name, note }) => noted.get(`${id} ${answer({ name, note })}`) !== 1),
    [],
    'each that counts stands in the audit log once, too',
  );
  // A request that the kill cut off may have left no more than the one or the other.
  const unknown = new Set(of('unknown').map((attempt) => `${attempt.id} ${answer(attempt)}`));
  const unnoted = [...history.answers].flatMap(([id, all]) =>
    all.map((told) => `${id} ${told}`).filter((told) => !noted.has(told) && !unknown.has(told)),
  );
  t.strictSame(unnoted, [], 'the timeline holds no answer that the audit log does not know');
  const sent = new Set(attempts.map((attempt) => `${attempt.id} ${answer(attempt)}`));
  const strange = [...history.answers].flatMap(([id, all]) => all.filter((told) => !sent.has(`${id} ${told}`)));
  t.strictSame(strange, [], 'nothing stands there that nobody sent');

  const nMissed: number[] = [];
  for (const [i, board] of boards.entries()) {
    const shown = await board.shown();
    const unseen = history.raised.filter((id) => !shown.has(id));
    nMissed.push(unseen.length);
    const nTold = await board.nMissed();
    t.ok(unseen.length <= nTold, `board ${i + 1}: ${unseen.length} never stood there, ${nTold} are told as missed`);
  }
  t.equal((await daemon.kill()).signal, 'SIGKILL');
  t.match(await chirpd(['timeline', 'verify', '--data', data]), { code: 0 });
  const nPatients = new Set(
    records.flatMap((record) => (record.type === 'alarm' && record.kind === 'physiological' ? [record.id] : [])),
  ).size;
  const report = {
    ...{ seed, nAlarms: history.raised.length, nAboutPatients: nPatients, seconds: Math.round(seconds) },
    ...{ nRecords: records.length, nOpenAtTheEnd: open.length, nWon: of('won').length, nByDialog, nLater },
    ...{
      nRefused: of('refused').length,
      nUnanswered: of('unknown').length,
      statuses: Object.fromEntries(statuses),
      nToldAsMissed: nMissed,
    },
  };
  t.comment(JSON.stringify(report));
  if (REPORT !== undefined) writeFileSync(REPORT, `${JSON.stringify(report, undefined, 2)}\n`);
});
