import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { WebSocket } from 'ws';
import type { Test } from 'tap';
import type { HealthReport } from '../../../daemon/health.js';
import { decodeServerMessage, encodeClientMessage, type Subprotocol } from '../../../daemon/protocol/codec.js';
import { type ServerMessage, STREAM_PATH, type SubscribeMessage } from '../../../daemon/protocol/messages.js';
import { bundleChild } from '../timeline/bundle-child.js';
import type { LoadOptions } from './load-child.js';

/** Who ends what is started here, and has a folder for it: a test, or a benchmark. */
export type Keeper = Pick<Test, 'teardown' | 'testdirName'>;

/** A server in a process of its own. Returns its port. Call `t.testdir()` first. */
export async function startLoadServer(t: Keeper, options: LoadOptions): Promise<number> {
  const stdout = startChild(t, 'load-child', JSON.stringify(options));
  const [line] = (await once(stdout, 'data')) as [Buffer];
  return Number(line.toString());
}

/** A client in a process of its own. `onDelay` hears of each live event, how late it came, milliseconds. */
export function startLiveListener(t: Keeper, port: number, onDelay: (milliseconds: number) => void): void {
  const lines = createInterface({ input: startChild(t, 'live-listener-child', String(port)) });
  lines.on('line', (line) => {
    onDelay(Number(line));
  });
}

/** Where the scripts lie, from the root: who bundles this file moves it. */
const FOLDER = 'test/daemon/server';

/** A script in a process of its own; what it prints. */
export function startChild(t: Keeper, name: string, argument: string, from: string = FOLDER): Readable {
  const script = bundleChild(name, t.testdirName, from);
  const child = spawn(process.execPath, [script, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  return child.stdout;
}

export async function healthOf(port: number): Promise<HealthReport> {
  return (await (await fetch(`http://127.0.0.1:${String(port)}/v1/health`)).json()) as HealthReport;
}

/** A raw WebSocket that has subscribed; frames are handed on as they come. */
export async function subscribed(
  t: Keeper,
  port: number,
  subprotocol: Subprotocol,
  subscribe: Omit<SubscribeMessage, 'type'>,
  onFrame: (frame: Buffer) => void,
): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}${STREAM_PATH}`, subprotocol);
  t.teardown(() => {
    socket.terminate();
  });
  socket.on('message', onFrame);
  await once(socket, 'open');
  socket.send(encodeClientMessage(subprotocol, { type: 'subscribe', ...subscribe }));
  return socket;
}

export function decoded(subprotocol: Subprotocol, frame: Buffer): ServerMessage {
  return decodeServerMessage(subprotocol, subprotocol === 'chirpd.v1.json' ? frame.toString() : frame);
}

/** Nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
