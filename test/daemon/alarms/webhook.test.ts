import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { AlarmBoard } from '../../../daemon/alarms/alarm-board.js';
import { Webhook } from '../../../daemon/alarms/webhooks/webhook.js';
import { webhooksSchema } from '../../../daemon/alarms/webhooks/webhook-schema.js';
import { configRecord } from '../../../daemon/config/config-record.js';
import type { TimelineMessage } from '../../../daemon/protocol/messages.js';
import { AppendQueue } from '../../../daemon/timeline/append-queue.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';
import { until } from '../../until.js';
import { gapDraft } from '../timeline/drafts.js';

/** A pager's server: takes what comes, or answers as it is told to. */
class Receiver {
  readonly taken: TimelineMessage[] = [];
  headers: IncomingHttpHeaders = {};
  nRequests = 0;
  status = 204;
  isSilent = false;
  readonly #server: Server;
  port = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      this.nRequests++;
      this.headers = request.headers;
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        if (this.isSilent) return;
        if (this.status === 204) this.taken.push(JSON.parse(text) as TimelineMessage);
        response.writeHead(this.status).end();
      });
    });
  }

  async start(): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

interface Rig {
  readonly receiver: Receiver;
  readonly board: AlarmBoard;
  readonly queue: AppendQueue;
  readonly timeline: Timeline;
  readonly hook: (more?: object) => Webhook;
}

async function rig(t: Test): Promise<Rig> {
  const directory = t.testdir();
  const timeline = await Timeline.open(join(directory, 'timeline'));
  const queue = new AppendQueue(timeline);
  const board = new AlarmBoard({ timeline, appendQueue: queue });
  const receiver = new Receiver();
  await receiver.start();
  const hooks: Webhook[] = [];
  t.teardown(async () => {
    await Promise.all(hooks.map((hook) => hook.stop()));
    board.stop();
    await queue.stop();
    await timeline.close();
    await receiver.stop().catch(() => undefined);
  });
  const log = { info: (): void => undefined, warn: (): void => undefined };
  const hook = (more: object = {}): Webhook => {
    const url = `http://127.0.0.1:${String(receiver.port)}/hook?key=secret`;
    const [config] = webhooksSchema.parse([{ name: 'pager', url, priorities: ['high', 'medium'], ...more }]);
    const folder = join(directory, 'webhooks');
    const made = new Webhook({ config: config!, timeline, folder, log, retryMs: 20, maxRetryMs: 50 });
    hooks.push(made);
    return made;
  };
  return { receiver, board, queue, timeline, hook };
}

const LOST = { code: 'BED_DEVICE_LOST', bed: 'Bed 1', text: 'Bed 1 has lost its device' } as const;
const CHIRPS = { code: 'CHIRP_BURDEN', bed: 'Bed 1', priority: 'high', text: 'Bed 1: chirps' } as const;
const LOW = { code: 'INFLUX_FAILING', text: 'InfluxDB takes nothing' } as const;

const steps = (taken: readonly TimelineMessage[]): readonly string[] =>
  taken.map((message) => (message.type === 'alarm' ? `${message.code} ${message.what}` : message.type));

t.test('the life of an alarm, as the timeline has it; what concerns nobody is not sent', async (t) => {
  const { receiver, board, queue, timeline, hook } = await rig(t);
  board.raise(LOW);
  await queue.drained();
  hook();
  board.raise(LOST);
  board.raise(CHIRPS);
  await timeline.append(gapDraft(1));
  board.acknowledge(board.open().find(({ code }) => code === 'CHIRP_BURDEN')!.id, { name: 'Ada', note: '' });
  board.end('CHIRP_BURDEN', 'Bed 1');
  board.clear('INFLUX_FAILING');
  board.clear('BED_DEVICE_LOST', 'Bed 1');
  await until(() => receiver.taken.length >= 5, 'five steps', 10_000);
  await queue.drained();
  t.same(steps(receiver.taken), [
    'BED_DEVICE_LOST raised',
    'CHIRP_BURDEN raised',
    'acknowledgement',
    'CHIRP_BURDEN cleared',
    'BED_DEVICE_LOST cleared',
  ]);
  const stored = timeline.after(0, 100).filter(({ cursor }) => receiver.taken.some((taken) => taken.cursor === cursor));
  t.same(receiver.taken, stored, 'field for field');
  t.match(receiver.headers, { 'content-type': 'application/json', 'user-agent': 'chirpd' });
});

t.test('of one kind alone, and with a token', async (t) => {
  const { receiver, board, hook } = await rig(t);
  const tokenFile = join(t.testdirName, 'token');
  writeFileSync(tokenFile, 'abc123\n');
  hook({ kinds: ['physiological'], tokenFile });
  board.raise(LOST);
  board.raise(CHIRPS);
  await until(() => receiver.taken.length > 0, 'an alarm', 10_000);
  t.same(steps(receiver.taken), ['CHIRP_BURDEN raised']);
  t.equal(receiver.headers.authorization, 'Bearer abc123');
});

t.test('a receiver that refuses, is silent, or is gone: told why, and nothing is left out', async (t) => {
  const { receiver, board, queue, timeline, hook } = await rig(t);
  const webhook = hook({ timeoutSeconds: 1 });
  const fails = async (problem: RegExp): Promise<void> => {
    await until(() => problem.test(webhook.problem), String(problem), 10_000);
    t.notMatch(webhook.problem, /secret/);
  };
  receiver.status = 503;
  board.raise(LOST);
  await fails(/^it answers with status 503$/);
  receiver.isSilent = true;
  await fails(/^it does not answer in time$/);
  await receiver.stop();
  await fails(/^it cannot be reached/);
  board.raise(CHIRPS);
  board.clear('BED_DEVICE_LOST', 'Bed 1');
  await queue.drained();
  receiver.status = 204;
  receiver.isSilent = false;
  await receiver.start();
  await until(() => receiver.taken.length === 3, 'all three', 10_000);
  t.equal(webhook.problem, '');
  t.same(receiver.taken, timeline.after(0, 100), 'in order, once');
});

t.test('over a restart: from where it was, also what happened meanwhile', async (t) => {
  const { receiver, board, queue, timeline, hook } = await rig(t);
  const first = hook();
  board.raise(LOST);
  await until(() => receiver.taken.length === 1, 'the first', 10_000);
  await first.stop();
  board.raise(CHIRPS);
  board.clear('BED_DEVICE_LOST', 'Bed 1');
  await queue.drained();
  hook();
  await until(() => receiver.taken.length === 3, 'the others', 10_000);
  t.same(receiver.taken, timeline.after(0, 100));
});

t.test('its address stands in no record of the config', async (t) => {
  const { timeline, queue } = await rig(t);
  const config = (key: string): object => ({
    alarms: { webhooks: webhooksSchema.parse([{ name: 'pager', url: `https://pager.example.org/${key}` }]) },
  });
  for (const key of ['secret-1', 'secret-2']) queue.add(configRecord(config(key), '1', timeline, Date.now() * 1000)!);
  await queue.drained();
  const second = configRecord(config('secret-3'), '1', timeline, Date.now() * 1000)!;
  t.match(second.content, { changes: [{ key: 'alarms.webhooks[pager].url' }] });
  t.notMatch(JSON.stringify([second, timeline.after(0, 10)]), /secret-/);
});
