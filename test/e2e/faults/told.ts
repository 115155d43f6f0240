import { loadavg, availableParallelism } from 'node:os';
import type { Test } from 'tap';
import { SUBPROTOCOL_JSON } from '../../../daemon/protocol/messages.js';
import { alarmRecords } from '../alarm-records.js';
import { StreamSubscriber } from '../stream-subscriber.js';

/** What is promised. */
const TOLD_MS = 5000;
/** What a machine adds that has far more to do than it can. */
const BUSY_MS = 10_000;
const PATIENCE_MS = 120_000;

/** Hears over WebSocket what a board hears, and measures how soon after a fault. */
export class FaultListener {
  readonly #t: Test;
  readonly #subscriber = new StreamSubscriber(SUBPROTOCOL_JSON);

  constructor(t: Test, address: string) {
    this.#t = t;
    this.#subscriber.follow(address);
    t.teardown(() => this.#subscriber.disconnect());
  }

  /** What has been told of alarms of that code, as `raised`, `changed` or `cleared`. */
  steps(code: string): readonly string[] {
    return alarmRecords(this.#subscriber.heard, code).map(({ what }) => what);
  }

  /** Waits until that many alarms of that code have been raised, and asserts that the newest came in time. */
  async raised(code: string, sinceMs: number, n = 1): Promise<void> {
    await this.told(code, n);
    this.#inTime(code, performance.now() - sinceMs);
  }

  /** Waits until that many alarms of that code have been raised. */
  async told(code: string, n = 1): Promise<void> {
    await this.#until(() => this.#count(code, 'raised') >= n || this.#isInHeartbeat(code), `${code} is raised`);
  }

  /** Waits until as many alarms of that code are over. */
  async cleared(code: string, sinceMs: number, n = 1): Promise<void> {
    await this.#until(() => this.#count(code, 'cleared') >= n, `${code} is over`);
    this.#t.comment(`${code}: over ${seconds(performance.now() - sinceMs)} after its cause`);
  }

  /** The newest text of that code. */
  text(code: string): string {
    return alarmRecords(this.#subscriber.heard, code).at(-1)?.text ?? '';
  }

  #count(code: string, what: string): number {
    return this.steps(code).filter((step) => step === what).length;
  }

  /** Where the disk takes no record the alarm comes with the heartbeat. */
  #isInHeartbeat(code: string): boolean {
    return (this.#subscriber.newestHeartbeat?.alarms ?? []).some((alarm) => alarm.code === code && !alarm.isStored);
  }

  #inTime(code: string, tookMs: number): void {
    const isBusy = loadavg()[0]! > 3 * availableParallelism();
    this.#t.ok(tookMs < TOLD_MS + (isBusy ? BUSY_MS : 0), `${code}: told after ${seconds(tookMs)}`);
    this.#t.comment(`${code}: told after ${seconds(tookMs)}`);
  }

  async #until(isSo: () => boolean, what: string): Promise<void> {
    const endMs = performance.now() + PATIENCE_MS;
    // Heartbeats wake nobody.
    while (!(await this.#subscriber.until(isSo, 100))) {
      if (performance.now() > endMs) throw new Error(`never: ${what}`);
    }
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
