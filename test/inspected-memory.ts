import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** For `node`: an inspector on a port of its own choice, for this machine alone. */
export const INSPECTOR_ARGUMENT = '--inspect=127.0.0.1:0';
const ANSWER_MS = 120_000;

/** What a process holds after a collection, bytes. */
export interface HeldMemory {
  readonly heapBytes: number;
  /** Of buffers and typed arrays. */
  readonly externalBytes: number;
  /** Resident memory: without files that are mapped, and of those alone. */
  readonly anonymousBytes: number;
  readonly fileBytes: number;
  readonly nOpenFiles: number;
}

interface InspectedProcess {
  readonly pid: number;
  readonly stderr: string;
}

interface Answer {
  readonly id?: number;
  readonly error?: { readonly message: string };
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

/** Looks at the memory of another Node process through its inspector: what is garbage there does not count. */
export class InspectedMemory {
  readonly #pid: number;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  #id = 0;

  private constructor(pid: number, socket: WebSocket) {
    this.#pid = pid;
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const answer = JSON.parse(data.toString()) as Answer;
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.resolve(answer);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the process has gone'));
    });
  }

  /** @param inspected a process that was started with `INSPECTOR_ARGUMENT` and has said where its inspector is */
  static async open(inspected: InspectedProcess): Promise<InspectedMemory> {
    const url = /Debugger listening on (ws:\S+)/.exec(inspected.stderr)?.[1];
    if (url === undefined) throw new Error(`no inspector:\n${inspected.stderr}`);
    const socket = new WebSocket(url);
    await once(socket, 'open');
    return new InspectedMemory(inspected.pid, socket);
  }

  /** Collects garbage there and weighs what is left: the least of a few looks, as buffers are given back later. */
  async held(): Promise<HeldMemory> {
    let heapBytes = Infinity;
    let externalBytes = Infinity;
    for (let i = 0; i < 3; i++) {
      await this.#ask('HeapProfiler.collectGarbage', {});
      await sleep(50);
      const { result } = await this.#ask('Runtime.evaluate', {
        expression: 'process.memoryUsage()',
        returnByValue: true,
      });
      const { heapUsed, external } = result?.result?.value as { readonly heapUsed: number; readonly external: number };
      heapBytes = Math.min(heapBytes, heapUsed);
      externalBytes = Math.min(externalBytes, external);
    }
    return { heapBytes, externalBytes, ...residentMemory(this.#pid) };
  }

  close(): void {
    this.#socket.terminate();
  }

  async #ask(method: string, params: object): Promise<Answer> {
    const id = ++this.#id;
    let timer: NodeJS.Timeout | undefined;
    const answer = await new Promise<Answer>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`the inspector does not answer to ${method}`));
      }, ANSWER_MS);
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    }).finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(id);
    });
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
    return answer;
  }
}

/** Of a process of this machine, as Linux tells it. */
export function residentMemory(pid: number): Pick<HeldMemory, 'anonymousBytes' | 'fileBytes' | 'nOpenFiles'> {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  return {
    anonymousBytes: bytes('RssAnon'),
    fileBytes: bytes('RssFile') + bytes('RssShmem'),
    nOpenFiles: readdirSync(`/proc/${String(pid)}/fd`).length,
  };
}
