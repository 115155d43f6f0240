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
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`;
  // What is open to the network is an alarm as soon as the server listens; then the model takes its time.
  const config = writeConfig(folder, 'hooked', {
    server: { host: '0.0.0.0', port: 0, insecure: true },
    alarms: { webhooks: [{ name: 'pager', url, priorities: ['low'] }] },
    beds: [{ name: 'Bed 1', adapter: { kind: 'synthetic', seed: 1 } }],
  });
  const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
  t.teardown(() => daemon.kill());
  await daemon.ready();
  const isTold = (): boolean => taken.some((message) => message.type === 'alarm' && message.code === 'SERVER_INSECURE');
  await until(isTold, 'the alarm', 30_000);
  t.match(taken, [{ type: 'alarm', code: 'SERVER_INSECURE', what: 'raised' }]);
});
