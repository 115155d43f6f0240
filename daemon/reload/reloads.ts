import type { Logger } from 'pino';
import { ChirpdError, errorText, isChirpdError } from '../../pipelines/core/errors.js';
import type { AuditLog } from '../access/audit-log.js';
import type { TechnicalCondition } from '../alarms/alarm-codes.js';
import type { ConfigInForce } from '../config/config-in-force.js';
import { ConfigError } from '../config/problem.js';
import type { Config } from '../config/schema.js';
import type { ReloadedBeds, ReloadError, ReloadResult, ReloadState } from '../protocol/reload-messages.js';
import { planReload, type ReloadPlan } from './reload-plan.js';

/** Where the config comes from. */
export interface ConfigSource {
  readonly file: string;
  /** Reads and checks all of it. @throws ChirpdError CONFIG_... */
  readonly load: () => Promise<Config> | Config;
}

/** Who asks for a reload. */
export interface ReloadedBy {
  readonly by: ReloadResult['by'];
  readonly token?: string;
  readonly role?: string;
  /** Whose network address; '' of a signal. */
  readonly address: string;
}

export interface ReloadsOptions {
  readonly config: ConfigInForce;
  /** Undefined: the daemon runs without a config file. */
  readonly source: ConfigSource | undefined;
  /**
   * Puts a plan in force.
   * @throws ChirpdError MODEL_... where the model cannot be used, CONFIG_STOPPING: nothing has changed then
   */
  readonly apply: (plan: ReloadPlan) => Promise<void>;
  readonly audit: () => Pick<AuditLog, 'add'> | undefined;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

const NO_BEDS: ReloadedBeds = { unchanged: [], restarted: [], added: [], removed: [] };

/** Takes the config file over anew while the daemon runs: checked whole first, then in force bed by bed, one reload at a time. */
export class Reloads {
  readonly #options: ReloadsOptions;
  #turn: Promise<unknown> = Promise.resolve();
  #last: ReloadResult | null = null;
  /** A reload that got half-way: what runs is not what any config says. */
  #failed: ReloadError | undefined;
  #isReloading = false;
  readonly #listeners: ((state: ReloadState) => void)[] = [];
  #state: 'starting' | 'running' | 'stopping' = 'starting';

  constructor(options: ReloadsOptions) {
    this.#options = options;
  }

  /** Call it when everything that may change runs. */
  start(): void {
    this.#state = 'running';
  }

  /** Call it before anything is stopped: no reload begins any more. */
  stop(): void {
    this.#state = 'stopping';
  }

  /** @throws ChirpdError CONFIG_STOPPING */
  checkStopping(): void {
    if (this.#state === 'stopping') throw new ChirpdError('CONFIG_STOPPING', 'The daemon is stopping');
  }

  get state(): ReloadState {
    const { source, config } = this.#options;
    return {
      file: source?.file ?? null,
      isReloading: this.#isReloading,
      inForceSinceMicros: config.sinceMicros,
      last: this.#last,
    };
  }

  /** @param listener hears that a reload begins, and what became of it */
  listen(listener: (state: ReloadState) => void): void {
    this.#listeners.push(listener);
  }

  /** Why the file was not taken at the last reload, or is only in part; '' where it was, and before the first. */
  get problem(): string {
    const error = this.#failed ?? this.#last?.error;
    if (error === undefined) return '';
    const [first, ...others] = error.problems;
    if (first === undefined) return oneLine(error.message);
    const place = first.line === undefined ? '' : `line ${String(first.line)}: `;
    const more = others.length === 0 ? '' : ` (and ${String(others.length)} more)`;
    return `${place}${first.path === '' ? '' : `${first.path}: `}${first.message}${more}`;
  }

  /** What is wrong now. */
  conditions(): readonly TechnicalCondition[] {
    const { problem } = this;
    if (problem === '') return [];
    const what =
      this.#failed !== undefined
        ? 'the config file was taken over only in part: start chirpd again'
        : 'the config file was refused, and chirpd would not start with it';
    return [{ code: 'CONFIG_REFUSED', text: `${what}: ${problem}` }];
  }

  /**
   * Reads the file and puts it in force; one after the other where several ask.
   * @throws ChirpdError CONFIG_NO_FILE, CONFIG_NOT_READY, CONFIG_STOPPING
   */
  reload(by: ReloadedBy): Promise<ReloadResult> {
    const result = this.#turn.then(() => this.#reload(by));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #reload(by: ReloadedBy): Promise<ReloadResult> {
    const { source, config } = this.#options;
    if (source === undefined) {
      const text = 'The daemon runs without a config file: there is nothing to reload. Start it with --config FILE';
      throw new ChirpdError('CONFIG_NO_FILE', text);
    }
    if (this.#state === 'starting') {
      throw new ChirpdError('CONFIG_NOT_READY', 'The daemon is still starting: try again');
    }
    this.checkStopping();
    const startMs = performance.now();
    const timeMicros = Date.now() * 1000;
    this.#isReloading = true;
    this.#changed();
    let plan: ReloadPlan | undefined;
    let told: Pick<ReloadResult, 'outcome'> & Partial<ReloadResult>;
    try {
      plan = planReload(config.now, await source.load());
      told = await this.#apply(plan);
    } catch (error) {
      // What a config or its model is refused for is known before anything has changed.
      const isRefused = plan === undefined || (isChirpdError(error) && /^(?:MODEL_|CONFIG_STOPPING)/.test(error.code));
      const reason = reloadError(error);
      told = isRefused
        ? { outcome: 'refused', error: reason }
        : { outcome: 'failed', error: { ...reason, code: 'CONFIG_RELOAD_FAILED' } };
    }
    const { by: how, token } = by;
    const result: ReloadResult = {
      beds: plan === undefined || told.outcome === 'refused' ? NO_BEDS : plan.beds,
      applied: [],
      needsRestart: [],
      ...told,
      timeMicros,
      milliseconds: Math.round(performance.now() - startMs),
      by: how,
      ...(token !== undefined && { token }),
    };
    this.#last = result;
    if (result.outcome === 'failed') this.#failed = result.error;
    this.#isReloading = false;
    this.#tell(result, by);
    this.#changed();
    return result;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener(this.state);
  }

  async #apply(plan: ReloadPlan): Promise<Pick<ReloadResult, 'outcome' | 'applied' | 'needsRestart'>> {
    const { changes, applied, needsRestart, bedsOfOtherRules } = plan;
    const { removed, changed, added } = changes;
    const nChanges = removed.length + changed.length + added.length + applied.length + bedsOfOtherRules.length;
    const isOtherOrder = plan.config.beds.some(({ name }, i) => this.#options.config.now.beds[i]?.name !== name);
    if (nChanges === 0 && !isOtherOrder) return { outcome: 'unchanged', applied, needsRestart };
    await this.#options.apply(plan);
    return { outcome: 'applied', applied, needsRestart };
  }

  #tell(result: ReloadResult, by: ReloadedBy): void {
    const { log, audit, source } = this.#options;
    const { outcome, error, beds, applied, needsRestart, milliseconds } = result;
    const { unchanged, restarted, added, removed } = beds;
    const what = { by: by.by, ...(by.token !== undefined && { token: by.token }) };
    const figures = { added, removed, restarted: restarted.map(({ bed }) => bed), unchanged: unchanged.length };
    if (error !== undefined) {
      log.error({ ...what, problem: error.message }, `The config file was not taken: ${this.problem}`);
    } else {
      const text = outcome === 'unchanged' ? 'The config file says what is in force already' : 'Config reloaded';
      log.info({ ...what, ...figures, applied, milliseconds }, text);
    }
    if (needsRestart.length > 0) log.warn({ needsRestart }, 'Settings of the config file that need a restart');
    audit()?.add({
      token: by.token ?? null,
      role: by.role ?? null,
      address: by.address,
      what: `reload of ${source?.file ?? ''} (${by.by === 'signal' ? 'SIGHUP' : 'HTTP'}): ${outcome}`,
      body: JSON.stringify(error === undefined ? { ...figures, applied, needsRestart } : { error: error.message }),
    });
  }
}

function reloadError(error: unknown): ReloadError {
  return {
    code: isChirpdError(error) ? error.code : 'CONFIG_RELOAD_FAILED',
    message: errorText(error),
    problems: error instanceof ConfigError ? error.problems : [],
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
