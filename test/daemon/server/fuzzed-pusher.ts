import type { Subprotocol } from '../../../daemon/protocol/codec.js';
import { decodeIngestMessage, encodePusherMessage } from '../../../daemon/protocol/ingest-codec.js';
import type { PushHelloMessage } from '../../../daemon/protocol/ingest-messages.js';
import { type ErrorMessage, INGEST_PATH, SUBPROTOCOL_MSGPACK } from '../../../daemon/protocol/messages.js';
import { OPCODE_BINARY, OPCODE_CLOSE, OPCODE_PONG, OPCODE_TEXT, type RawFrame, RawWebSocket } from './raw-websocket.js';

/** What came of a message: it was taken, and the connection stands; or the connection is closed, and with which code. */
export type PushOutcome = 'taken' | { readonly code: number; readonly error: ErrorMessage | undefined };

/** Close code of a connection that ended without a close frame (RFC 6455). */
export const ABNORMAL = 1006;

/** A pusher that waits for what comes of each of its messages. */
export class FuzzedPusher {
  readonly subprotocol: Subprotocol;
  readonly #socket: RawWebSocket;
  #error: ErrorMessage | undefined;
  #nextSample = 0;
  #acknowledged = 0;
  #isReady = false;
  #end: Exclude<PushOutcome, 'taken'> | undefined;
  #onNews: () => void = () => undefined;
  #nPings = 0;
  #nPongs = 0;

  constructor(port: number, subprotocol: Subprotocol) {
    this.subprotocol = subprotocol;
    const receive = (frame: RawFrame): void => {
      this.#receive(frame);
    };
    const gone = (): void => {
      this.#over(ABNORMAL);
    };
    this.#socket = new RawWebSocket(port, subprotocol, receive, gone, INGEST_PATH);
  }

  /** The daemon has said `ready`, and the connection stands. */
  get isReady(): boolean {
    return this.#isReady && this.#end === undefined;
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /** That the daemon waits for. */
  get nextSample(): number {
    return Math.max(this.#nextSample, this.#acknowledged);
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Sends a message and waits until it was read, or the connection is closed. @throws Error where neither comes */
  async ask(bytes: Buffer, isBinary: boolean, timeoutMs: number): Promise<PushOutcome> {
    if (this.#end !== undefined) return this.#end;
    this.#socket.send(bytes, isBinary);
    // What is read after it: the answer comes when the message was looked at.
    const pong = ++this.#nPings;
    this.#socket.ping(Buffer.from(String(pong)));
    await this.#until(() => this.#nPongs >= pong || this.#end !== undefined, timeoutMs, 'no answer');
    return this.#end ?? 'taken';
  }

  /** Sends bytes that may be no frame, then no more. @returns the close code; how the connection ended */
  async blurt(bytes: Buffer, timeoutMs: number): Promise<Exclude<PushOutcome, 'taken'>> {
    this.#socket.write(bytes);
    this.#socket.end();
    await this.#until(() => this.#end !== undefined, timeoutMs, 'the connection does not end');
    return this.#end ?? { code: ABNORMAL, error: undefined };
  }

  /** Says hello, and waits for `ready`, or the close. */
  async greet(hello: PushHelloMessage, timeoutMs: number): Promise<PushOutcome> {
    const outcome = await this.ask(
      Buffer.from(encodePusherMessage(this.subprotocol, hello)),
      this.#isBinary,
      timeoutMs,
    );
    if (outcome !== 'taken') return outcome;
    await this.#until(() => this.#isReady || this.#end !== undefined, timeoutMs, `${hello.bed} is not ready`);
    return this.#end ?? 'taken';
  }

  /** Waits until all samples before `sample` are acknowledged. @throws Error where they are not */
  async acknowledgedTo(sample: number, timeoutMs: number): Promise<void> {
    await this.#until(() => this.#acknowledged >= sample, timeoutMs, `${String(sample)} samples are not acknowledged`);
  }

  hangUp(): void {
    this.#socket.destroy();
  }

  get #isBinary(): boolean {
    return this.subprotocol === SUBPROTOCOL_MSGPACK;
  }

  #over(code: number): void {
    this.#end ??= { code, error: this.#error };
    this.#onNews();
  }

  #receive({ opcode, payload }: RawFrame): void {
    if (opcode === OPCODE_CLOSE) {
      this.#socket.answerClose(payload);
      this.#over(payload.length < 2 ? 1005 : payload.readUInt16BE(0));
    } else if (opcode === OPCODE_PONG) {
      this.#nPongs = Number(payload.toString());
    } else if (opcode === OPCODE_TEXT || opcode === OPCODE_BINARY) {
      const message = decodeIngestMessage(this.subprotocol, opcode === OPCODE_TEXT ? payload.toString() : payload);
      if (message.type === 'error') this.#error = message;
      else if (message.type === 'ack') this.#acknowledged = message.nextSample;
      else {
        this.#isReady = true;
        this.#nextSample = message.nextSample;
      }
    }
    this.#onNews();
  }

  #until(isSo: () => boolean, timeoutMs: number, otherwise: string): Promise<void> {
    if (isSo()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#onNews = (): undefined => undefined;
        reject(new Error(`${otherwise} within ${String(timeoutMs / 1000)} s`));
      }, timeoutMs);
      this.#onNews = () => {
        if (!isSo()) return;
        clearTimeout(timer);
        this.#onNews = (): undefined => undefined;
        resolve();
      };
    });
  }
}
