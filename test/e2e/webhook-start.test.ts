import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import type { TimelineMessage } from '../../daemon/protocol/messages.js';
import { until } from '../until.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(120_000);

t.test('a receiver that is new hears of an alarm that the same start raised', async (t) => {
  const taken: TimelineMessage[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      taken.push(JSON.parse(text) as TimelineMessage);
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'broken.edf'), 'this is no recording');
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`;
  // Many, so that some fail while the others are still being started.
  const beds = Array.from({ length: 8 }, (_, i) => ({
    name: `Bed ${String(i + 1)}`,
    adapter: { kind: 'edf' as const, path: join(folder, 'broken.edf') },
  }));
  const config = writeConfig(folder, 'hooked', { alarms: { webhooks: [{ name: 'pager', url }] }, beds });
  const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
  t.teardown(() => daemon.kill());
  await daemon.ready();
  const told = (): number =>
    taken.filter((message) => message.type === 'alarm' && message.code === 'BED_FAILED').length;
  await until(() => told() >= beds.length, 'every alarm', 30_000);
  t.equal(told(), beds.length, 'each once');
});
