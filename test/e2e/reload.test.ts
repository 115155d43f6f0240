import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { BedInfo, GapMessage, OpenAlarm, StreamMessage } from '../../daemon/protocol/messages.js';
import type { ReloadResult, ReloadState } from '../../daemon/protocol/reload-messages.js';
import { freePort } from '../free-port.js';
import { until } from '../until.js';
import { BedWatcher } from './bed-watcher.js';
import { type BedInput, runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { pushInRealTime, readPiece } from './real-time-pusher.js';
import { RECORDINGS, skipWithoutThoseRecordings } from './recording-piece.js';
import { startTcpDevice } from './tcp-device.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(280_000);

const LONG_MS = 60_000;
const RELOAD = '/v1/config/reload';

async function reload(address: string): Promise<ReloadResult> {
  const answer = await fetch(new URL(RELOAD, address), { method: 'POST' });
  const body = (await answer.json()) as ReloadResult;
  if (answer.status !== 200) throw new Error(JSON.stringify(body));
  return body;
}

async function get<Body>(address: string, path: string): Promise<Body> {
  return (await (await fetch(new URL(path, address))).json()) as Body;
}

const openAlarms = async (address: string): Promise<readonly OpenAlarm[]> =>
  (await get<{ alarms: readonly OpenAlarm[] }>(address, '/v1/alarms')).alarms;

const synthetic = (name: string, seed: number, more: Partial<BedInput> = {}): BedInput => ({
  name,
  adapter: { kind: 'synthetic', seed, nChannels: 2, sampleRate: 128 },
  ...more,
});
const pushed = (name: string, more: Partial<BedInput> = {}): BedInput => ({
  name,
  adapter: { kind: 'push', resumeSeconds: 60 },
  ...more,
});

t.test(
  'beds come, change and go, and the others know nothing of it',
  { skip: skipWithoutThoseRecordings() },
  async (t) => {
    const folder = temporaryFolder(t);
    const port = await freePort();
    const settings = { server: { port }, recording: { folder: join(folder, 'recordings') } };
    const leaving = synthetic('Leaving', 46, { speed: 8, alarmRules: [{ priority: 'low', each: true }] });
    const unplugged: BedInput = { name: 'Unplugged', adapter: { kind: 'cyton', port: join(folder, 'ttyUSB9') } };
    const steady = [pushed('Steady'), synthetic('Made up', 2)];
    const config = writeConfig(folder, 'ward', {
      ...settings,
      beds: [...steady, pushed('Changed'), leaving, unplugged, pushed('Gone')],
    });
    const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
    t.teardown(() => daemon.kill());
    const address = await daemon.ready();
    const piece = await readPiece(RECORDINGS.icu, 60, 4);
    const pushers = {
      steady: pushInRealTime(t, address, 'Steady', piece),
      changed: pushInRealTime(t, address, 'Changed', piece),
      gone: pushInRealTime(t, address, 'Gone', piece),
    };
    const watcher = await BedWatcher.follow(t, address);
    const isStreaming = (name: string): boolean =>
      watcher.beds.some(({ bed, state }) => bed === name && state === 'streaming');
    await until(() => ['Steady', 'Made up', 'Changed', 'Gone'].every(isStreaming), 'beds that stream', LONG_MS);
    await until(
      async () => {
        const codes = (await openAlarms(address)).map(({ code, bed }) => `${code} ${bed}`);
        return codes.includes('CHIRP Leaving') && codes.includes('BED_DEVICE_LOST Unplugged');
      },
      'alarms of the beds that will leave',
      LONG_MS,
    );
    await until(() => watcher.nSamples('Changed') > 3 * piece.sampleRate, 'samples', LONG_MS);

    writeConfig(folder, 'ward', {
      ...settings,
      beds: [synthetic('Coming', 5), ...steady, pushed('Changed', { montage: 'recorded' })],
    });
    const result = await reload(address);
    t.match(result, {
      outcome: 'applied',
      by: 'http',
      beds: {
        unchanged: ['Steady', 'Made up'],
        restarted: [{ bed: 'Changed', keys: ['montage'] }],
        added: ['Coming'],
        removed: ['Leaving', 'Unplugged', 'Gone'],
      },
      needsRestart: [],
    });
    t.comment(`reloaded in ${String(result.milliseconds)} ms`);
    const names = 'Coming, Steady, Made up, Changed';
    await until(() => watcher.lists.at(-1) === names, 'the new list of beds', 1500);
    const lists = watcher.lists.map((list) => new Set(list.split(', ')));
    for (const name of new Set(lists.flatMap((list) => [...list]))) {
      // A list may be sent in the middle of the change, but nothing flickers.
      const seen = lists.map((list) => (list.has(name) ? 'x' : '-')).join('');
      t.match(seen, names.split(', ').includes(name) ? /^-*x+$/ : /^x+-+$/, `${name} comes or goes once: ${seen}`);
    }
    for (const name of ['Steady', 'Made up', 'Changed'])
      t.ok(
        lists.every((list) => list.has(name)),
        `${name} stays`,
      );

    const before = watcher.nSamples('Steady');
    await until(() => isStreaming('Coming') && isStreaming('Changed'), 'all beds', LONG_MS);
    await until(() => watcher.nSamples('Steady') - before > 3 * piece.sampleRate, 'more samples', LONG_MS);
    await until(() => watcher.nSamples('Changed') > 9 * piece.sampleRate, 'more samples', LONG_MS);
    t.strictSame(watcher.jumps('Steady'), [], 'not a sample of a bed that is the same is missing');
    t.strictSame(watcher.jumps('Made up'), []);
    t.strictSame(
      watcher.jumps('Changed'),
      [],
      'a program that pushes keeps what a bed that is opened anew has not got',
    );
    t.equal(watcher.nDropped, 0);
    t.equal(watcher.isClosed, false, 'on one connection');
    t.equal(pushers.steady.figures.nReconnects, 0);
    t.equal(pushers.changed.figures.nReconnects, 1);
    t.notOk(watcher.states.get('Changed')?.includes('ended'), 'a bed that is opened anew never looks over');
    t.strictSame(watcher.states.get('Steady')?.at(-1), 'streaming');
    const derivations = (name: string): readonly string[] | undefined =>
      watcher.beds.find(({ bed }) => bed === name)?.derivations;
    t.strictSame(derivations('Changed'), piece.channels, 'the new montage');

    const streams = watcher.records.filter(
      (record): record is StreamMessage => record.type === 'stream' && record.what !== 'annotation',
    );
    const told = (bed: string): readonly string[] =>
      streams
        .filter((record) => record.bed === bed)
        .map(({ what, text }) => (what === 'end' ? `${what}: ${text}` : what));
    t.strictSame(told('Steady'), ['start']);
    t.strictSame(told('Made up'), ['start']);
    t.strictSame(told('Changed'), ['start'], 'one stream');
    t.strictSame(told('Coming'), ['start']);
    t.strictSame(told('Leaving'), ['start', 'end: taken out of the config']);
    t.strictSame(told('Gone'), ['start', 'end: taken out of the config']);
    t.strictSame(told('Unplugged'), ['end: taken out of the config']);
    t.strictSame(
      watcher.records.filter(({ type }) => type === 'gap'),
      [],
      'no gap',
    );

    // A chirp that was under way has ended, and the alarm of it waits for somebody who sees it.
    const lives = new Map<string, string>();
    for (const record of watcher.records) {
      if (record.type === 'event' && record.bed === 'Leaving' && record.mergedInto === undefined)
        lives.set(record.id, record.phase);
    }
    t.ok(
      [...lives.values()].every((phase) => phase === 'offset'),
      JSON.stringify([...lives.values()]),
    );
    const [alarm, ...others] = (await openAlarms(address)).filter(
      ({ bed }) => bed === 'Leaving' || bed === 'Unplugged',
    );
    t.strictSame(others, [], 'what was wrong with a bed is over with it');
    t.match(alarm, { code: 'CHIRP', bed: 'Leaving', text: /\(over: the bed was taken out of the config\)$/ });
    t.type(alarm?.endedTimeMicros, 'number');
    await fetch(new URL(`/v1/alarms/${alarm?.id ?? ''}/acknowledge`, address), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Ada' }),
    });
    t.strictSame(
      (await openAlarms(address)).filter(({ bed }) => bed === 'Leaving'),
      [],
      'acknowledged, and gone',
    );
    const cleared = watcher.records.find(
      (record) => record.type === 'alarm' && record.bed === 'Unplugged' && record.what === 'cleared',
    );
    t.match(cleared, { text: /\(over: the bed was taken out of the config\)$/ });

    t.equal((await fetch(new URL('/v1/beds/Leaving/montages', address))).status, 404);
    await until(() => pushers.gone.state === 'failed', 'the program of a bed that is gone is told', LONG_MS);
    const { recordings } = await get<{ recordings: readonly { file: string; bed?: string; isOpen: boolean }[] }>(
      address,
      '/v1/recordings',
    );
    t.ok(recordings.filter(({ bed }) => bed === undefined).length >= 2, 'recordings of beds that are gone are kept');
    t.ok(
      recordings.filter(({ bed }) => bed === undefined).every(({ isOpen }) => !isOpen),
      'and closed',
    );
    const record = watcher.records.findLast(({ type }) => type === 'config');
    t.match(record, { type: 'config', isFirst: false, changes: [{ key: /^beds\[/ }] });

    t.strictSame(
      daemon.complaints().filter((line) => !/Unplugged|Pusher sent away|cyton/i.test(line)),
      [],
    );
  },
);

t.test('a file with errors changes nothing, and everybody is told', async (t) => {
  const folder = temporaryFolder(t);
  const beds = [synthetic('Bed 1', 1), synthetic('Bed 2', 2)];
  const config = writeConfig(folder, 'ward', { beds });
  const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
  t.teardown(() => daemon.kill());
  const address = await daemon.ready();
  const watcher = await BedWatcher.follow(t, address);
  await until(() => watcher.nSamples('Bed 1') > 128, 'samples', LONG_MS);
  const good = readFileSync(config, 'utf8');

  writeFileSync(
    config,
    'beds:\n  - name: Bed 2\n    adapter: { kind: synthetic }\n    speed: fast\n  - name: Bed 2\n    colour: blue\n',
  );
  daemon.signal('SIGHUP');
  const state = async (): Promise<ReloadState> => get(address, RELOAD);
  await until(async () => (await state()).last !== null, 'an answer to SIGHUP', LONG_MS);
  const { last } = await state();
  t.match(last, { outcome: 'refused', by: 'signal', error: { code: 'CONFIG_INVALID' } });
  t.strictSame(
    last?.error?.problems.map(({ line, path }) => `${String(line)} ${path}`),
    ['4 beds[0].speed', '5 beds[1].adapter', '6 beds[1].colour'],
  );
  const health = await get<{ status: string; reasons: readonly string[]; config: { problem: string } }>(
    address,
    '/v1/health',
  );
  t.match(health.config.problem, /^line 4: beds\[0\]\.speed: .* \(and 2 more\)$/);
  t.equal(health.status, 'degraded');
  t.match(health.reasons.join(), /would not start with it: line 4/);
  t.match(
    daemon.log().find(({ level }) => level === 50),
    { msg: /^The config file was not taken: line 4/ },
  );
  t.match(await openAlarms(address), [{ code: 'CONFIG_REFUSED', priority: 'low', bed: '' }]);
  const refused = await fetch(new URL(RELOAD, address), { method: 'POST' });
  t.equal(refused.status, 422);
  t.equal(watcher.lists.length, 1, 'the beds are the same');

  writeFileSync(config, 'beds: [');
  daemon.signal('SIGHUP');
  await until(async () => (await state()).last?.error?.code === 'CONFIG_SYNTAX', 'refused as well', LONG_MS);

  writeFileSync(
    config,
    JSON.stringify({ ...(JSON.parse(good) as object), server: { port: 1 }, timeline: { keepDays: 7 } }),
  );
  daemon.signal('SIGHUP');
  await until(async () => (await state()).last?.outcome === 'unchanged', 'nothing to do at run time', LONG_MS);
  t.strictSame((await state()).last?.needsRestart, ['server.port', 'timeline.keepDays']);
  await until(async () => (await openAlarms(address)).length === 0, 'the alarm is over', LONG_MS);
  t.strictSame(watcher.jumps('Bed 1'), []);
  t.equal(watcher.isClosed, false);
  const audit = readFileSync(join(folder, 'data', 'audit.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const whats = audit.map((line) => (JSON.parse(line) as { what: string }).what.replace(config, 'FILE'));
  t.strictSame(whats, [
    'reload of FILE (SIGHUP): refused',
    'reload of FILE (HTTP): refused',
    'reload of FILE (SIGHUP): refused',
    'reload of FILE (SIGHUP): unchanged',
  ]);
  daemon.signal('SIGTERM');
  t.match(await daemon.exited, { code: 0 });
});

t.test('a bed that comes back begins a stream of its own, and two beds change places', async (t) => {
  const folder = temporaryFolder(t);
  const port = await freePort();
  const ports = [await freePort(), await freePort()] as const;
  const tcp = (name: string, at: number): BedInput => ({ name, adapter: { kind: 'tcp', port: at } });
  const steady = synthetic('Made up', 2);
  const write = (beds: BedInput[]): string =>
    writeConfig(folder, 'ward', { server: { port }, beds: [steady, ...beds] });
  const config = write([tcp('Left', ports[0]), tcp('Right', ports[1])]);
  const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
  t.teardown(() => daemon.kill());
  const address = await daemon.ready();
  for (const at of ports) startTcpDevice(t, at);
  const watcher = await BedWatcher.follow(t, address);
  const sourceOf = (name: string): string => {
    const found: BedInfo | undefined = watcher.beds.find(({ bed }) => bed === name);
    return found?.state === 'streaming' ? found.source.replace(/ \(.*/, '') : '';
  };
  const sources = (): string => `${sourceOf('Left')}, ${sourceOf('Right')}`;
  const [first, second] = ports.map((at) => `device ${String(at)}`) as [string, string];
  await until(() => sources() === `${first}, ${second}`, 'both devices', LONG_MS);

  write([tcp('Left', ports[1]), tcp('Right', ports[0])]);
  const moved = await reload(address);
  t.strictSame(moved.beds.restarted, [
    { bed: 'Left', keys: ['adapter.port'] },
    { bed: 'Right', keys: ['adapter.port'] },
  ]);
  await until(() => sources() === `${second}, ${first}`, 'each at the bed of the other', LONG_MS);

  // The same source with another setting: its stream goes on, and what the device sent meanwhile is a gap that is told.
  write([tcp('Left', ports[1]), { ...tcp('Right', ports[0]), montage: 'recorded' }]);
  t.strictSame((await reload(address)).beds.restarted, [{ bed: 'Right', keys: ['montage'] }]);
  const gapsOf = (bed: string): readonly GapMessage[] =>
    watcher.records.filter((record): record is GapMessage => record.type === 'gap' && record.bed === bed);
  await until(() => gapsOf('Right').length > 0, 'the gap', LONG_MS);
  const [gap] = gapsOf('Right');
  t.match(gap, { reason: 'restart' });
  const gapSeconds = ((gap?.offsetTimeMicros ?? 0) - (gap?.onsetTimeMicros ?? 0)) / 1e6;
  t.comment(`a device that keeps nothing: a gap of ${gapSeconds.toFixed(2)} s`);
  t.ok(gapSeconds > 0 && gapSeconds < 30, `${String(gapSeconds)} s`);
  await until(() => sources() === `${second}, ${first}`, 'both again', LONG_MS);

  write([tcp('Right', ports[0])]);
  t.strictSame((await reload(address)).beds.removed, ['Left']);
  write([tcp('Right', ports[0]), tcp('Left', ports[1])]);
  t.strictSame((await reload(address)).beds.added, ['Left']);
  await until(() => sources() === `${second}, ${first}`, 'it is back', LONG_MS);
  const left = watcher.records.filter((record) => record.type === 'stream' && record.bed === 'Left');
  t.match(
    left.map((record) => record.type === 'stream' && record.what),
    ['start', 'start', 'end', 'start'],
  );
  t.strictSame(watcher.jumps('Made up'), []);
  t.equal(watcher.lists.at(-1), 'Made up, Right, Left', 'in the order of the config');
  t.equal(watcher.isClosed, false);
  t.ok(readdirSync(join(folder, 'data', 'journal')).length >= 2, 'journals are kept');
});
