import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { WebSocket } from 'ws';
import { FAMILIES } from '../../../daemon/metrics/families.js';
import { packageRoot } from '../../../daemon/package-root.js';
import { until } from '../../until.js';
import { Chirpd } from '../cli/chirpd.js';

t.setTimeout(240_000);

const FOLDER = join(packageRoot(), 'daemon/metrics');
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
if (process.env['CI'] === 'true') t.ok(hasPromtool, 'nothing is skipped here');
const promtool = { skip: hasPromtool ? false : 'promtool is missing' };

/** Values by name and labels as they stand in the text. */
function parse(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

t.test('a daemon with something of everything', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-metrics-'));
  const config = join(folder, 'chirpd.yaml');
  const name = 'Bed "7" \\ ä';
  const beds = [
    { name, speed: 20, adapter: { kind: 'synthetic', seed: 3, nChannels: 2 } },
    { name: 'Live', adapter: { kind: 'synthetic', seed: 4, nChannels: 2 } },
    { name: 'Lost', adapter: { kind: 'cyton', port: join(folder, 'ttyUSB0') } },
    { name: 'Broken', adapter: { kind: 'edf', path: config } },
  ];
  const settings = {
    server: { port: 0 },
    recording: { folder: join(folder, 'recordings') },
    influx: { url: 'http://127.0.0.1:9' },
    beds,
  };
  writeFileSync(config, JSON.stringify(settings));
  const daemon = new Chirpd(['run', '--config', config, '--data', join(folder, 'data')]);
  t.teardown(async () => {
    await daemon.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const [, url = ''] = await daemon.printed(/Open the board: (\S+)/);
  const stream = new WebSocket(new URL('/v1/stream', url.replace('http', 'ws')), 'chirpd.v1.json');
  let text = '';
  const read = async (): Promise<ReadonlyMap<string, number>> => {
    const answer = await fetch(new URL('/v1/metrics', url));
    t.match(answer.headers.get('content-type'), 'text/plain');
    text = await answer.text();
    return parse(text);
  };
  const isThere = async (): Promise<boolean> => {
    const now = await read();
    return (
      (now.get('chirpd_event_delay_seconds_count') ?? 0) > 0 &&
      now.get('chirpd_influx_state{state="failing"}') === 1 &&
      now.get('chirpd_clients{path="stream"}') === 1
    );
  };
  await until(isThere, 'an event, and InfluxDB to be missed', 120_000);
  stream.close();

  const found = await read();
  const value = (series: string): number => {
    const one = found.get(series);
    t.ok(one !== undefined, `${series} ${String(one)}`);
    return one ?? NaN;
  };
  t.equal(value('chirpd_live'), 1);
  t.equal(value('chirpd_ready'), 1);
  t.ok(
    [...found.keys()].some((key) => /^chirpd_info\{version="\d.*",model="chirp-vit-96",provider="cpu"\}$/.test(key)),
  );
  t.equal(value('chirpd_bed_state{bed="Lost",state="reconnecting"}'), 1);
  t.equal(value('chirpd_bed_state{bed="Lost",state="streaming"}'), 0);
  t.equal(value('chirpd_bed_state{bed="Broken",state="failed"}'), 1);
  t.equal(value('chirpd_bed_state{bed="Bed \\"7\\" \\\\ ä",state="streaming"}'), 1, 'names are escaped');
  const age = value('chirpd_bed_newest_sample_age_seconds{bed="Live"}');
  t.ok(age >= 0 && age < 30);
  t.notOk(found.has('chirpd_bed_newest_sample_age_seconds{bed="Lost"}'), 'no sample ever came');
  t.equal(value('chirpd_technical_alarm{code="BED_FAILED",priority="high",bed="Broken"}'), 1);
  t.equal(value('chirpd_technical_alarm{code="INFLUX_FAILING",priority="low",bed=""}'), 1);
  t.ok(value('chirpd_alarms_open{kind="technical",priority="high",acknowledged="false"}') >= 1);
  for (const series of [
    'chirpd_inference_canvases_total',
    'chirpd_inference_seen_canvases_total',
    'chirpd_inference_seconds_total',
    'chirpd_timeline_cursor',
    'chirpd_timeline_bytes',
    'chirpd_data_free_bytes',
    'chirpd_recording_bytes',
    'chirpd_clients_admitted_total{path="stream"}',
    'process_resident_memory_bytes',
    'process_cpu_seconds_total',
    'process_open_fds',
  ]) {
    t.ok(value(series) > 0, series);
  }
  t.ok(Math.abs(Date.now() / 1000 - value('process_start_time_seconds')) < 240);
  t.equal(value('chirpd_event_delay_seconds_bucket{le="+Inf"}'), value('chirpd_event_delay_seconds_count'));

  const names = new Set(Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, one, type]) => `${one} ${type}`));
  const told = [...FAMILIES.map(({ name: one, type }) => `${one} ${type}`), 'chirpd_event_delay_seconds histogram'];
  t.same([...names].toSorted(), told.toSorted());
  // A chirp, its frequency, or an alarm about a patient has no place here.
  t.notMatch(text, /CHIRP|burden|Hz|score/);

  const again = async (): Promise<number> => (await read(), parse(text)).get('chirpd_inference_canvases_total') ?? 0;
  const before = value('chirpd_inference_canvases_total');
  await until(async () => (await again()) > before, 'counters to go on', 60_000);

  await t.test('promtool finds nothing wrong with it', promtool, (t) => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    t.equal(status, 0, `${stdout}${stderr}`);
    t.end();
  });

  const json = async (path: string): Promise<unknown> => (await fetch(new URL(path, url))).json();
  t.same(await json('/v1/health/ready'), { isReady: true, reasons: [] });
  t.same(await json('/v1/health/live'), { isLive: true, reason: '' });
  t.match(await json('/v1/health'), {
    isLive: true,
    isReady: true,
    model: { state: 'running', provider: 'cpu', nRestarts: 0 },
  });
});

t.test('the table of the README', (t) => {
  const rows = readFileSync(join(FOLDER, 'README.md'), 'utf8').matchAll(
    /^\| `(\w+)`\s*\| (\w+)\s*\| ([a-z, ]*?)\s*\| (.*?)\s*\|$/gm,
  );
  const documented = Array.from(rows, ([, name, type, labels, help]) => ({ name, type, labels, help }));
  const expected = FAMILIES.map(({ name, type, labels = [], help }) => ({
    name,
    type,
    labels: labels.join(', '),
    help,
  }));
  t.same(documented.slice(0, expected.length), expected);
  t.equal(documented.at(-1)?.name, 'chirpd_event_delay_seconds');
  t.equal(documented.length, expected.length + 1);
  t.end();
});

t.test('the example of alerts: in order, and each speaks up', promtool, (t) => {
  const folder = t.testdir({
    'alerts.yaml': readFileSync(join(FOLDER, 'alerts.yaml'), 'utf8'),
    'alerts.test.yaml': readFileSync(join(import.meta.dirname, 'alerts.test.yaml'), 'utf8'),
  });
  for (const args of [
    ['check', 'rules', 'alerts.yaml'],
    ['test', 'rules', 'alerts.test.yaml'],
  ]) {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
    t.equal(status, 0, `${args.join(' ')}: ${stdout}${stderr}`);
  }
  const known = new Set([...FAMILIES.map(({ name }) => name), 'chirpd_event_delay_seconds_bucket']);
  const used = readFileSync(join(FOLDER, 'alerts.yaml'), 'utf8').match(/\b(?:chirpd|process)_[a-z0-9_]+(?!:)\b/g) ?? [];
  for (const name of new Set(used)) {
    if (!/^chirpd_event_delay_seconds$/.test(name)) t.ok(known.has(name), name);
  }
  t.end();
});
