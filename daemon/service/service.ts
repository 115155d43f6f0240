import type { Logger } from 'pino';
import type { Liveness } from './liveness.js';
import type { Notice, ServiceManager } from './service-manager.js';
import { bedsText, isAccountedFor } from './service-status.js';

export interface ServiceOptions {
  readonly manager: Pick<ServiceManager, 'tell' | 'watchdogMs'>;
  readonly liveness: Pick<Liveness, 'beds' | 'standstill'>;
  /** What else is to stand in the status; '' where there is nothing. */
  readonly note?: () => string;
  readonly log: Pick<Logger, 'info' | 'error'>;
  /** How long the beds may take to stream, or to say why not, before the daemon counts as ready all the same. Default 20000. */
  readonly readyMs?: number;
  /** Between two looks while beds begin. Default 200. */
  readonly readyEveryMs?: number;
  /** Between two looks where nobody watches. Default 10000. */
  readonly everyMs?: number;
}

/** The daemon as a service of systemd: says when it is ready, how it is, and that it gets on with its work. */
export class Service {
  readonly #options: ServiceOptions;
  #timer: NodeJS.Timeout | undefined;
  #status = '';
  #problem = '';
  #isTelling = false;
  #isStopped = false;
  #isReady = false;

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  starting(): void {
    void this.#options.manager.tell({ STATUS: 'Starting' });
  }

  /** Call it when everything has been started. Says so as soon as each bed streams or has told why it does not. */
  started(): void {
    const { liveness, readyMs = 20_000, readyEveryMs = 200 } = this.#options;
    const startMs = performance.now();
    const wait = (): void => {
      if (this.#isStopped) return;
      if (!liveness.beds().every(isAccountedFor) && performance.now() - startMs < readyMs) {
        this.#timer = setTimeout(wait, readyEveryMs);
        return;
      }
      this.#isReady = true;
      this.#tell({ READY: '1' });
      this.#watch();
    };
    wait();
  }

  /** Another config is being taken over. */
  reloading(): void {
    if (!this.#isReady || this.#isStopped) return;
    // CLOCK_MONOTONIC, as systemd 253 and later ask for it.
    const micros = process.hrtime.bigint() / 1000n;
    void this.#options.manager.tell({ RELOADING: '1', MONOTONIC_USEC: micros.toString(), STATUS: 'Reloading' });
    this.#status = '';
  }

  /** It has been, or was refused. */
  reloaded(): void {
    if (this.#isReady && !this.#isStopped) this.#tell({ READY: '1' });
  }

  /** Resolves when it has been told, and never takes long. */
  async stopping(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#options.manager.tell({ STOPPING: '1', STATUS: 'Stopping' });
  }

  /** Three looks in the time that the watchdog waits: two may come late. */
  #watch(): void {
    const { manager, everyMs = 10_000 } = this.#options;
    this.#timer = setTimeout(
      () => {
        if (this.#isStopped) return;
        // What is not got rid of is not piled up: the next look tells it.
        if (!this.#isTelling) this.#tell({});
        this.#watch();
      },
      Math.min(everyMs, (manager.watchdogMs ?? Infinity) / 3),
    );
  }

  #tell(more: Notice): void {
    const { manager, liveness, note } = this.#options;
    const problem = liveness.standstill();
    this.#logProblem(problem);
    const told = [bedsText(liveness.beds()), note?.() ?? ''].filter(Boolean).join('; ');
    const status = problem === '' ? told : `Standing still: ${problem}`;
    const notice: Notice = {
      ...more,
      ...(status !== this.#status && { STATUS: status }),
      ...(problem === '' && manager.watchdogMs !== undefined && { WATCHDOG: '1' }),
    };
    if (Object.keys(notice).length === 0) return;
    this.#isTelling = true;
    void manager.tell(notice).then((isTold) => {
      this.#isTelling = false;
      if (isTold) this.#status = status;
    });
  }

  #logProblem(problem: string): void {
    const { log, manager } = this.#options;
    const { watchdogMs } = manager;
    const then =
      watchdogMs === undefined ? '' : `; it is started again if that lasts ${Math.round(watchdogMs / 1000)} s`;
    if (problem !== '' && this.#problem === '') log.error({ problem }, `The daemon stands still${then}`);
    if (problem === '' && this.#problem !== '') log.info('The daemon gets on again');
    this.#problem = problem;
  }
}
