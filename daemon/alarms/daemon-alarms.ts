import type { AlarmRule } from '../protocol/alarm-rules.js';
import type { BedInfo, OpenAlarm } from '../protocol/messages.js';
import type { AppendQueue } from '../timeline/append-queue.js';
import type { Timeline } from '../timeline/timeline.js';
import { AlarmBoard } from './alarm-board.js';
import { AlarmWatch } from './alarm-watch.js';
import { Conditions, type ConditionSources } from './conditions.js';
import { PatientAlarms, type PatientAlarmsOptions } from './patient/patient-alarms.js';
import { RuleBook, type RuleBookOptions } from './patient/rule-book.js';

export interface DaemonAlarmsOptions extends ConditionSources {
  readonly timeline: Pick<Timeline, 'states'> & PatientAlarmsOptions['timeline'];
  readonly appendQueue: AppendQueue;
  /** Left out: none about patients. */
  readonly patient?: Pick<PatientAlarmsOptions, 'repeatMinutes' | 'escalateMinutes'> &
    Pick<RuleBookOptions, 'hasBed' | 'configuredRulesOf' | 'log'>;
}

/** The alarms of a daemon: what is open, and the watches that keep it so. */
export class DaemonAlarms {
  readonly board: AlarmBoard;
  /** By which rules chirps are alarms; undefined where none about patients are raised. */
  readonly rules: RuleBook | undefined;
  readonly #watch: AlarmWatch;
  readonly #patient: PatientAlarms | undefined;

  constructor(options: DaemonAlarmsOptions) {
    this.board = new AlarmBoard(options);
    const conditions = new Conditions(options);
    this.#watch = new AlarmWatch({ board: this.board, conditions: () => conditions.now() });
    const { patient, beds, timeline, appendQueue } = options;
    if (patient === undefined) return;
    const rules = new RuleBook({ timeline, appendQueue, ...patient });
    const rulesOf = (bed: string): readonly AlarmRule[] => rules.rulesOf(bed);
    const alarms = new PatientAlarms({ board: this.board, timeline, beds, rulesOf, ...patient });
    rules.onChange = (bed, because) => {
      alarms.rulesChanged(bed, because);
    };
    this.rules = rules;
    this.#patient = alarms;
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
    this.rules?.stop();
    this.board.stop();
  }

  /** For what may be over before the next look. */
  look(): void {
    this.#watch.look();
    this.#patient?.look();
  }

  /** Other settings of the config are in force. @param bedsOfOtherRules those of which it says something else now */
  configChanged(
    minutes: Pick<PatientAlarmsOptions, 'repeatMinutes' | 'escalateMinutes'>,
    bedsOfOtherRules: readonly string[],
    because: string,
  ): void {
    this.#patient?.setMinutes(minutes);
    for (const bed of bedsOfOtherRules) this.#patient?.rulesChanged(bed, because);
  }

  /** A bed is about to be taken away. */
  bedGoes(bed: string, because: string): void {
    this.#patient?.bedGoes(bed, because);
  }

  /** Call it when it is on no list any more. */
  bedGone(bed: string, because: string): void {
    this.#patient?.bedGone(bed);
    for (const { code, kind, bed: its } of this.board.open()) {
      if (its === bed && kind === 'technical') this.board.clear(code, bed, because);
    }
  }

  /** What is told of a bed with it: its chirps, and who has changed its alarm rules. */
  described(bed: BedInfo): BedInfo {
    const chirps = this.#patient?.figures(bed);
    const alarmRules = bed.replay === undefined ? this.rules?.tagOf(bed.bed) : undefined;
    return { ...bed, ...(chirps && { chirps }), ...(alarmRules && { alarmRules }) };
  }

  /** The open alarms after a look. */
  open(): readonly OpenAlarm[] {
    this.look();
    return this.board.open();
  }
}
