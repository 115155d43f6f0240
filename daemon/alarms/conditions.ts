import type { InfluxReport } from '../influx/influx-report.js';
import type { BedInfo } from '../protocol/messages.js';
import type { RecordingReport } from '../recording/recorder.js';
import type { AppendQueue } from '../timeline/append-queue.js';
import type { TechnicalCondition } from './alarm-codes.js';
import { ClockWatch } from './clock-watch.js';
import { RisingCount } from './rising-count.js';

/** A bed that streams in real time and has had no sample for this long is stale: a look and a commit later it is told, within 5 s. */
const STALE_MS = 4000;
/** How long the loss of something is told. */
const LOSS_MS = 300_000;
/** Steps are left out in bursts: between two of them the trouble is not over. */
const LEFT_OUT_MS = 30_000;

/** Whatever can tell that something is wrong. */
export interface ConditionSources {
  readonly beds: () => readonly BedInfo[];
  readonly appendQueue?: Pick<AppendQueue, 'failure' | 'nLost'>;
  /** What is wrong with the model. */
  readonly model?: () => readonly TechnicalCondition[];
  /** Which memory is short; '' where none is. */
  readonly memory?: () => string;
  /** Which disk is full; '' where none is. */
  readonly disk?: () => string;
  readonly influx?: () => InfluxReport | null;
  /** Of each webhook that takes no alarms, why. */
  readonly webhooks?: () => readonly { readonly name: string; readonly problem: string }[];
  readonly recording?: () => RecordingReport | null;
  /** Of each bed whose history is not written, why. */
  readonly histories?: () => readonly { readonly bed: string; readonly problem: string }[];
  /** Of each bed whose journal is not written, why. */
  readonly journals?: () => readonly { readonly bed: string; readonly problem: string }[];
  /** What is left out because the daemon does not keep up. */
  readonly overload?: () => readonly TechnicalCondition[];
  /** What is wrong with who may reach the daemon. */
  readonly access?: () => readonly TechnicalCondition[];
}

export function isStale({ state, speed, newestAgeMs, replay }: BedInfo): boolean {
  return replay === undefined && state === 'streaming' && speed === 1 && newestAgeMs > STALE_MS;
}

/** The one place that knows what is wrong: alarms come from here, and the reasons of `/v1/health` are the open alarms. */
export class Conditions {
  readonly #sources: ConditionSources;
  readonly #clock = new ClockWatch();
  readonly #lost = new RisingCount(LOSS_MS);
  readonly #missed = new RisingCount(LOSS_MS);
  readonly #leftOut = new Map<string, RisingCount>();

  constructor(sources: ConditionSources) {
    this.#sources = sources;
  }

  /** Everything that is wrong at this moment. */
  now(): readonly TechnicalCondition[] {
    const nowMs = performance.now();
    return [...this.#ofBeds(nowMs), ...this.#ofDaemon(nowMs)];
  }

  #ofBeds(nowMs: number): readonly TechnicalCondition[] {
    // What becomes of a replay is no fault of the daemon.
    const beds = this.#sources.beds().filter(({ replay }) => replay === undefined);
    const names = new Set(beds.map(({ bed }) => bed));
    for (const name of this.#leftOut.keys()) if (!names.has(name)) this.#leftOut.delete(name);
    const { recording, histories, journals } = this.#sources;
    const recorded = (recording?.()?.beds ?? []).filter(({ problem }) => problem !== '');
    return [
      ...beds.flatMap((info) => this.#ofBed(info, nowMs)),
      ...recorded.map(({ bed, problem }) =>
        bedCondition('RECORDING_FAILING', bed, `${bed} is not recorded: ${problem}`),
      ),
      ...(histories?.() ?? []).map(({ bed, problem }) =>
        bedCondition('HISTORY_FAILING', bed, `The last hours of ${bed} are not kept: ${problem}`),
      ),
      ...(journals?.() ?? []).map(({ bed, problem }) =>
        bedCondition('JOURNAL_FAILING', bed, `${bed} would not go on where it was after a restart: ${problem}`),
      ),
    ];
  }

  #ofBed(info: BedInfo, nowMs: number): readonly TechnicalCondition[] {
    const { bed, state, stateText, stepsLeftOut } = info;
    const conditions: TechnicalCondition[] = [];
    if (state === 'failed') conditions.push({ code: 'BED_FAILED', bed, text: `${bed} failed: ${stateText}` });
    if (state === 'reconnecting') {
      conditions.push({ code: 'BED_DEVICE_LOST', bed, text: `${bed} has lost its device: ${stateText}` });
    }
    if (isStale(info)) {
      conditions.push({ code: 'BED_NO_SAMPLES', bed, text: `${bed} gives no samples, though its device is there` });
    }
    if (stepsLeftOut !== undefined) {
      const count = this.#leftOut.get(bed) ?? new RisingCount(LEFT_OUT_MS);
      this.#leftOut.set(bed, count);
      if (count.hasRisen(stepsLeftOut.n, nowMs)) {
        const text = `${bed} is not looked at all the time: detection steps are left out (${stepsLeftOut.reason})`;
        conditions.push({ code: 'DETECTION_STEPS_LEFT_OUT', bed, text });
      }
    }
    return conditions;
  }

  #ofDaemon(nowMs: number): readonly TechnicalCondition[] {
    const { appendQueue, model, memory, disk, influx } = this.#sources;
    const shortMemory = memory?.() ?? '';
    const fullDisk = disk?.() ?? '';
    const jump = this.#clock.look();
    const conditions: TechnicalCondition[] = [...(model?.() ?? [])];
    if (shortMemory !== '') conditions.push({ code: 'MEMORY_SHORT', text: shortMemory });
    if (fullDisk !== '') conditions.push({ code: 'DISK_FULL', text: fullDisk });
    if (appendQueue) {
      const { failure, nLost } = appendQueue;
      if (failure !== '') conditions.push({ code: 'TIMELINE_REFUSES', text: failure });
      if (this.#lost.hasRisen(nLost, nowMs)) {
        conditions.push({
          code: 'TIMELINE_RECORDS_LOST',
          text: nLost === 1 ? '1 record was lost' : `${String(nLost)} records were lost`,
        });
      }
    }
    const webhooks = this.#sources.webhooks?.() ?? [];
    if (webhooks.length > 0) {
      const text = webhooks.map(({ name, problem }) => `${name}: ${problem}`).join('; ');
      conditions.push({
        code: 'WEBHOOK_FAILING',
        text: `Alarms do not get to everybody who is to be told of them: ${text}`,
      });
    }
    conditions.push(...(this.#sources.overload?.() ?? []));
    conditions.push(...this.#ofInflux(influx?.() ?? null, nowMs), ...(this.#sources.access?.() ?? []));
    if (jump !== undefined) conditions.push({ code: 'CLOCK_JUMPED', text: jump });
    return conditions;
  }

  #ofInflux(report: InfluxReport | null, nowMs: number): readonly TechnicalCondition[] {
    if (report === null) return [];
    const { state, failure, nUnreadable, nMissed } = report;
    const nLost = nUnreadable + nMissed;
    return [
      ...(state === 'failing' ? [{ code: 'INFLUX_FAILING', text: `InfluxDB takes nothing: ${failure}` } as const] : []),
      ...(this.#missed.hasRisen(nLost, nowMs)
        ? [
            {
              code: 'INFLUX_RECORDS_MISSED',
              text: nLost === 1 ? '1 record is not in InfluxDB' : `${String(nLost)} records are not in InfluxDB`,
            } as const,
          ]
        : []),
    ];
  }
}

function bedCondition(code: TechnicalCondition['code'], bed: string, text: string): TechnicalCondition {
  return { code, bed, text };
}
