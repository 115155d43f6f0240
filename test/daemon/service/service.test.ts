import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { DaemonLook } from '../../../daemon/service/progress.js';
import { Liveness } from '../../../daemon/service/liveness.js';
import { ServiceManager } from '../../../daemon/service/service-manager.js';
import { Service } from '../../../daemon/service/service.js';
import { until } from '../../until.js';
import { Chirpd } from '../cli/chirpd.js';
import { bedInfo } from './bed-info.js';
import { NoticeListener } from './notice-listener.js';

t.setTimeout(180_000);

const isThere = spawnSync('systemd-notify', ['--version']).status === 0;
if (process.env['CI'] === 'true') t.ok(isThere, 'nothing is skipped here');
const skip = isThere ? false : 'systemd-notify is missing';

t.test('a daemon tells systemd of its life', { skip }, async (t) => {
  const listener = await NoticeListener.start(t);
  const folder = t.testdir();
  const config = join(folder, 'chirpd.yaml');
  const beds = [
    { name: 'ICU 3', adapter: { kind: 'synthetic', seed: 1, nChannels: 2 } },
    { name: 'ICU 4', adapter: { kind: 'cyton', port: '/dev/chirpd-ttyUSB0' } },
  ];
  writeFileSync(config, JSON.stringify({ server: { port: 0 }, beds }));
  const daemon = new Chirpd(['run', '--config', config, '--data', join(folder, 'data')], {
    env: { NOTIFY_SOCKET: listener.path, WATCHDOG_USEC: '900000', WATCHDOG_PID: '' },
  });
  t.teardown(() => daemon.end('SIGKILL'));
  await until(() => listener.values('READY').length > 0, 'ready', 90_000);
  t.equal(listener.heard[0]?.fields['STATUS'], 'Starting');
  const ready = listener.heard.find(({ fields }) => fields['READY'] === '1')!;
  t.match(ready.fields['STATUS'], /^1 of 2 beds stream; ICU 4 reconnecting: .*chirpd-ttyUSB0 is not there/);
  const [, url = ''] = await daemon.printed(/Open the board: (\S+)/);
  t.equal((await fetch(url)).status, 200, 'and answers');
  await daemon.end('SIGTERM');
  t.same(listener.values('STOPPING'), ['1']);
  t.equal(listener.values('STATUS').at(-1), 'Stopping');
});

t.test('the watchdog of another process is not fed; ours three times as often as it must be', { skip }, async (t) => {
  const listener = await NoticeListener.start(t);
  const log = { warn: () => t.fail('nothing to complain about') };
  const env = { ...process.env, NOTIFY_SOCKET: listener.path, WATCHDOG_USEC: '1500000' };
  const manager = (pid: string): ServiceManager =>
    ServiceManager.of({ env: { ...env, WATCHDOG_PID: pid }, pid: process.pid, log })!;
  t.equal(manager('1').watchdogMs, undefined);
  t.equal(manager(String(process.pid)).watchdogMs, 1500);
  t.equal(ServiceManager.of({ env: {}, pid: 1, log }), undefined, 'no service manager');

  const service = new Service({
    manager: manager(String(process.pid)),
    liveness: liveness(() => look(0)),
    log: { info: () => undefined, error: () => undefined },
  });
  service.started();
  await until(() => listener.values('WATCHDOG').length >= 5, 'to be fed', 30_000);
  const fed = listener.heard.filter(({ fields }) => fields['WATCHDOG'] === '1').map(({ atMs }) => atMs);
  const gaps = fed.slice(1).map((atMs, i) => atMs - fed[i]!);
  t.ok(Math.min(...gaps) > 250, `not all the time: ${gaps.map(Math.round).join(' ')} ms`);
  t.equal(listener.values('STATUS').length, 1, 'a status that is the same is not told again');
  await service.stopping();
  const nFed = listener.values('WATCHDOG').length;
  t.same([listener.values('STOPPING'), listener.values('READY')], [['1'], ['1']]);
  t.equal(nFed, listener.values('WATCHDOG').length);
});

t.test('a daemon that stands still is not fed, says so, and is fed again when it goes on', { skip }, async (t) => {
  const listener = await NoticeListener.start(t);
  const logged: string[] = [];
  let silentMs = 0;
  const service = new Service({
    manager: ServiceManager.of({
      env: { ...process.env, NOTIFY_SOCKET: listener.path, WATCHDOG_USEC: '300000', WATCHDOG_PID: undefined },
      pid: process.pid,
      log: { warn: () => undefined },
    })!,
    liveness: liveness(() => look(silentMs)),
    log: {
      info: (text: unknown) => logged.push(String(text)),
      error: (_: unknown, text?: string) => logged.push(text ?? ''),
    },
  });
  t.teardown(() => service.stopping());
  service.started();
  await until(() => listener.values('WATCHDOG').length >= 2, 'to be fed', 30_000);
  silentMs = 6000;
  await until(() => listener.values('STATUS').length === 2, 'to be told', 30_000);
  t.match(listener.values('STATUS')[1], /^Standing still: ICU 3 neither streams nor reconnects: no sample for 6 s/);
  t.match(logged, ['The daemon stands still; it is started again if that lasts 0 s']);
  const nFed = listener.values('WATCHDOG').length;
  silentMs = 7000;
  await until(() => listener.values('STATUS').length === 3, 'another look', 30_000);
  t.equal(listener.values('WATCHDOG').length, nFed, 'not fed meanwhile');
  silentMs = 0;
  await until(() => listener.values('WATCHDOG').length > nFed, 'to be fed again', 30_000);
  t.equal(listener.values('STATUS').at(-1), '1 of 1 bed streams');
  t.equal(logged.at(-1), 'The daemon gets on again');
});

t.test('ready after a while, whatever the beds do', { skip }, async (t) => {
  const listener = await NoticeListener.start(t);
  const opening = bedInfo({ state: 'starting', stateText: 'opening' });
  const service = new Service({
    manager: ServiceManager.of({
      env: { ...process.env, NOTIFY_SOCKET: listener.path },
      pid: process.pid,
      log: { warn: () => undefined },
    })!,
    liveness: liveness(() => ({ ...look(0), beds: [opening] })),
    log: { info: () => undefined, error: () => undefined },
    readyMs: 300,
    readyEveryMs: 20,
  });
  t.teardown(() => service.stopping());
  const startMs = performance.now();
  service.started();
  await until(() => listener.values('READY').length > 0, 'ready', 30_000);
  t.ok(listener.heard[0]!.atMs - startMs >= 300, 'but not before');
  t.equal(listener.values('STATUS')[0], '0 of 1 bed streams; ICU 3 starting: opening');
});

t.test('without systemd-notify the daemon runs, and says once what is missing', async (t) => {
  const warned: string[] = [];
  const manager = ServiceManager.of({
    env: { NOTIFY_SOCKET: '/nowhere', PATH: '/nowhere' },
    pid: 1,
    log: { warn: (_: unknown, text?: string) => warned.push(text ?? '') },
  })!;
  t.equal(await manager.tell({ READY: '1' }), false);
  t.equal(await manager.tell({ WATCHDOG: '1' }), false);
  t.same(warned, ['The service manager cannot be told: is systemd-notify installed (Debian: package systemd)?']);
});

t.test('a line break in a text is no further field', { skip }, async (t) => {
  const listener = await NoticeListener.start(t);
  const manager = ServiceManager.of({
    env: { ...process.env, NOTIFY_SOCKET: listener.path },
    pid: process.pid,
    log: { warn: (_: unknown, text?: string) => t.fail(text ?? '') },
  })!;
  t.equal(await manager.tell({ STATUS: 'one\nMAINPID=1\ttwo' }), true);
  await until(() => listener.heard.length === 1, 'it', 10_000);
  t.same(listener.heard[0]?.fields, { STATUS: 'one MAINPID=1 two' });
});

function look(newestAgeMs: number): DaemonLook {
  return { beds: [bedInfo({ newestAgeMs })], alarms: [], timeline: { cursor: 1, nWaiting: 0 } };
}

function liveness(looked: () => DaemonLook): Liveness {
  return new Liveness({ look: looked, silenceMs: new Map([['ICU 3', 5000]]) });
}
