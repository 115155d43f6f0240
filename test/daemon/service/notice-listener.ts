import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';
import { until } from '../../until.js';

/** Node has no datagram sockets of the kind that systemd listens on. A barrier's file descriptor is closed as systemd does. */
const LISTENER = `
import json, os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print(json.dumps("listening"), flush=True)
while True:
    data, fds, flags, address = socket.recv_fds(s, 65536, 4)
    for fd in fds: os.close(fd)
    print(json.dumps(data.decode()), flush=True)
`;

export interface HeardNotice {
  readonly fields: Readonly<Record<string, string>>;
  /** performance.now() */
  readonly atMs: number;
}

/** Listens as systemd does. */
export class NoticeListener {
  readonly path: string;
  readonly heard: HeardNotice[] = [];
  readonly #child: ChildProcess;
  #isListening = false;

  private constructor(path: string) {
    this.path = path;
    this.#child = spawn('python3', ['-c', LISTENER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (this.#child.stdout === null) throw new Error('no output of python3');
    createInterface(this.#child.stdout).on('line', (line) => {
      const text = JSON.parse(line) as string;
      if (text === 'listening') this.#isListening = true;
      else if (text !== 'BARRIER=1') this.heard.push({ fields: fieldsOf(text), atMs: performance.now() });
    });
  }

  static async start(t: Test): Promise<NoticeListener> {
    const folder = mkdtempSync(join(tmpdir(), 'chirpd-notify-'));
    const listener = new NoticeListener(join(folder, 'notify'));
    t.teardown(() => {
      listener.#child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });
    await until(() => listener.#isListening, 'the listener', 30_000);
    return listener;
  }

  /** Values that a field has had, in order. */
  values(name: string): readonly string[] {
    return this.heard.flatMap(({ fields }) => fields[name] ?? []);
  }
}

function fieldsOf(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line): readonly [string, string] => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  );
}
