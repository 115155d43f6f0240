import type { OpenAlarm } from '../protocol/messages.js';
import type { AppendQueue } from '../timeline/append-queue.js';
import type { Timeline } from '../timeline/timeline.js';
import { AlarmBoard } from './alarm-board.js';
import { AlarmWatch } from './alarm-watch.js';
import { Conditions, type ConditionSources } from './conditions.js';

export interface DaemonAlarmsOptions extends ConditionSources {
  readonly timeline: Pick<Timeline, 'states' | 'listen'>;
  readonly appendQueue: AppendQueue;
}

/** The technical alarms of a daemon: what is open, and the watch that keeps it so. */
export class DaemonAlarms {
  readonly board: AlarmBoard;
  readonly #watch: AlarmWatch;

  constructor(options: DaemonAlarmsOptions) {
    this.board = new AlarmBoard(options);
    const conditions = new Conditions(options);
    this.#watch = new AlarmWatch({ board: this.board, conditions: () => conditions.now() });
  }

  /** Call it when the beds have been started. */
  start(): void {
    this.#watch.start();
  }

  /** Call it before anything that is watched is stopped. */
  stop(): void {
    this.#watch.stop();
    this.board.stop();
  }

  /** For what may be over before the next look. */
  look(): void {
    this.#watch.look();
  }

  /** The open alarms after a look. */
  open(): readonly OpenAlarm[] {
    this.#watch.look();
    return this.board.open();
  }
}
