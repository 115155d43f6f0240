import type { BedInfo, OpenAlarm } from '../protocol/messages.js';
import type { AppendQueue } from '../timeline/append-queue.js';
import type { Timeline } from '../timeline/timeline.js';
import { AlarmBoard } from './alarm-board.js';
import { AlarmWatch } from './alarm-watch.js';
import { Conditions, type ConditionSources } from './conditions.js';
import { PatientAlarms, type PatientAlarmsOptions } from './patient/patient-alarms.js';

export interface DaemonAlarmsOptions extends ConditionSources {
  readonly timeline: Pick<Timeline, 'states'> & PatientAlarmsOptions['timeline'];
  readonly appendQueue: AppendQueue;
  /** Left out: none about patients. */
  readonly patient?: Pick<PatientAlarmsOptions, 'rulesOf' | 'repeatMinutes' | 'escalateMinutes'>;
}

/** The alarms of a daemon: what is open, and the watches that keep it so. */
export class DaemonAlarms {
  readonly board: AlarmBoard;
  readonly #watch: AlarmWatch;
  readonly #patient: PatientAlarms | undefined;

  constructor(options: DaemonAlarmsOptions) {
    this.board = new AlarmBoard(options);
    const conditions = new Conditions(options);
    this.#watch = new AlarmWatch({ board: this.board, conditions: () => conditions.now() });
    const { patient, beds, timeline } = options;
    this.#patient = patient && new PatientAlarms({ board: this.board, timeline, beds, ...patient });
  }

  /** Call it when the beds have been started. */
  async start(): Promise<void> {
    this.#watch.start();
    await this.#patient?.start();
  }

  /** Call it before anything that is watched is stopped. */
  stop(): void {
    this.#watch.stop();
    this.#patient?.stop();
    this.board.stop();
  }

  /** For what may be over before the next look. */
  look(): void {
    this.#watch.look();
    this.#patient?.look();
  }

  /** What is known of a bed's chirps. */
  chirpsOf(bed: BedInfo): BedInfo['chirps'] {
    return this.#patient?.figures(bed);
  }

  /** The open alarms after a look. */
  open(): readonly OpenAlarm[] {
    this.look();
    return this.board.open();
  }
}
