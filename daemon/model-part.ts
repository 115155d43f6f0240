import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { OnnxDetector } from '../models/detector.js';
import type { Detections, Detector } from '../pipelines/core/detection.js';
import { ChirpdError, errorText, isChirpdError } from '../pipelines/core/errors.js';
import type { ProfileName } from '../pipelines/core/profile.js';
import { AdapterFolder } from './adapter-folder.js';
import type { TechnicalCondition } from './alarms/alarm-codes.js';
import type { Config } from './config/schema.js';
import { modelDirectoryOf } from './create-detector.js';
import { LoadedModel } from './loaded-model.js';
import type { Logger } from './log.js';
import { type ModelActivity, ModelReport } from './model-report.js';
import { PreferredProvider } from './preferred-provider.js';
import type { Part } from './supervisor.js';

export interface ModelPartOptions {
  readonly config: Config['model'];
  /** Whether a damaged model is an alarm and tried again: recording, board and alarms go on. Else it ends the start. */
  readonly survives: boolean;
  /** What is wrong with it may have changed. */
  readonly onChange: () => void;
  readonly log: Logger;
  /** Before a provider that was passed over is tried again; each time twice as long. Default a minute. */
  readonly providerPauseMs?: number;
}

/** A model that may take the place of the one in use. */
export interface NextModel {
  /** From the next call on it is in use; calls made before end with the one before, which stops then. */
  use(): void;
  /** It is not wanted. */
  drop(): void;
}

/** Canvases that may wait for a model that is not there yet; a model that is has a bound of its own. */
const MAX_WAITING = 4096;
/** A model that could not be loaded is tried again so often. */
const RETRY_MS = 5000;

/** The model that all beds share, in a process of its own, and the folder of its adapters. Both may be changed while beds run. */
export class ModelPart implements Part, Detector {
  readonly name = 'model';
  readonly #options: ModelPartOptions;
  #config: Config['model'];
  /** In use. Undefined before it has been loaded. */
  #model: LoadedModel | undefined;
  /** The first is on its way. */
  #coming: LoadedModel | undefined;
  #loading: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;
  /** Why there is none. */
  readonly #absence = new ModelReport();
  #nWaiting = 0;
  #arrived: () => void = () => undefined;
  readonly #arrival = new Promise<void>((resolve) => {
    this.#arrived = resolve;
  });
  #adapterFolder: AdapterFolder | undefined;
  /** Those that still answer what they were asked before they were replaced. */
  readonly #retired = new Set<LoadedModel>();

  readonly #preferred: PreferredProvider;

  constructor(options: ModelPartOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#preferred = new PreferredProvider({
      inUse: () => this.#model,
      create: () => this.#create(this.#config),
      use: (model) => {
        this.#use(this.#config, model);
      },
      log: options.log,
      firstPauseMs: options.providerPauseMs ?? 60_000,
    });
  }

  /**
   * Begins to load, in its own process: whoever has other things to do meanwhile calls this first, and `start` later.
   * @throws ChirpdError MODEL_... where the config names no model of this daemon
   */
  load(): void {
    if (this.#loading !== undefined) return;
    try {
      this.#loading = this.#loadFirst(this.#create(this.#config));
    } catch (error) {
      if (!this.#survives(error)) throw error;
      this.#failed(error);
      this.#loading = Promise.resolve();
    }
    // It is told by `start`.
    this.#loading.catch(() => undefined);
  }

  /** Resolves when it answers, or is tried again by itself. @throws ChirpdError MODEL_... where that must not be */
  async start(): Promise<void> {
    this.load();
    try {
      await this.#loading;
    } catch (error) {
      if (!this.#survives(error)) throw error;
      this.#failed(error);
    }
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    this.#preferred.stop();
    this.#adapterFolder?.stop();
    this.#coming?.stop();
    this.#model?.stop();
    for (const model of this.#retired) model.stop();
  }

  /** Undefined before it has been loaded. */
  get detector(): OnnxDetector | undefined {
    return this.#model?.detector;
  }

  /** The one in use when it is called answers. Until there is one, canvases wait, as they would for one that is slow. */
  async detect(profile: ProfileName, canvases: Float32Array, n: number): Promise<Detections> {
    if (this.#loading === undefined) throw new ChirpdError('MODEL_LOAD', 'the model was not started');
    if (this.#model === undefined) await this.#wait(n);
    const model = this.#model;
    if (model === undefined) throw new ChirpdError('MODEL_LOAD', 'the model was stopped');
    model.nUnderWay++;
    try {
      return await model.detector.detect(profile, canvases, n);
    } finally {
      model.nUnderWay--;
      if (model.isRetired) this.#letGo(model);
    }
  }

  /**
   * Loads the model of another config beside the one in use, which goes on; where only the folder of adapters is another one,
   * the model stays.
   * @throws ChirpdError MODEL_... where it cannot be used: nothing has changed then
   */
  async prepare(config: Config['model']): Promise<NextModel> {
    const isSameModel = isDeepStrictEqual({ ...config, adapters: '' }, { ...this.#config, adapters: '' });
    const next = isSameModel ? undefined : this.#create(config);
    try {
      await next?.start();
    } catch (error) {
      next?.stop();
      throw error;
    }
    return {
      use: () => {
        this.#use(config, next);
      },
      drop: () => next?.stop(),
    };
  }

  /** What is wrong with it now. */
  conditions(): readonly TechnicalCondition[] {
    const problem = this.#model?.report.problem ?? (this.#absence.problem || (this.#coming?.report.problem ?? ''));
    const damage = this.#model?.damage ?? '';
    const fallenBack = this.#model?.report.fallenBack ?? '';
    return [
      ...(fallenBack === '' ? [] : [{ code: 'MODEL_FALLEN_BACK', text: fallenBack } as const]),
      ...(problem === '' ? [] : [{ code: 'MODEL_NOT_RUNNING', text: `Nothing is found now: ${problem}` } as const]),
      ...(damage === ''
        ? []
        : [
            {
              code: 'MODEL_FILES_DAMAGED',
              text: `The model runs on, but could not be loaded again: ${damage}`,
            } as const,
          ]),
    ];
  }

  get activity(): ModelActivity {
    return this.#model?.report.activity ?? 'stopped';
  }

  /** For the health. */
  report(): Readonly<Record<string, unknown>> {
    return this.#model === undefined ? this.#absence.of(undefined) : this.#model.report.of(this.#model.detector);
  }

  async #wait(n: number): Promise<void> {
    if (this.#nWaiting + n > MAX_WAITING) {
      throw new ChirpdError('MODEL_BUSY', `${String(this.#nWaiting)} canvases wait for the model already`);
    }
    this.#nWaiting += n;
    await this.#arrival;
    this.#nWaiting -= n;
  }

  #create(config: Config['model']): LoadedModel {
    const { onChange, log } = this.#options;
    const changed = (): void => {
      this.#preferred.look();
      onChange();
    };
    return new LoadedModel(config, changed, log);
  }

  async #loadFirst(model: LoadedModel): Promise<void> {
    this.#coming = model;
    try {
      await model.start();
    } catch (error) {
      model.stop();
      // Another one, of a new config, has come instead.
      if (this.#coming === model) throw error;
      return;
    }
    if (this.#coming !== model) model.stop();
    else this.#take(model);
  }

  /** From now on it is in use. */
  #take(model: LoadedModel): void {
    this.#coming = undefined;
    this.#model = model;
    model.watchFiles();
    this.#openAdapters();
    this.#arrived();
    this.#preferred.look();
    this.#options.onChange();
  }

  #failed(error: unknown): void {
    const { onChange, log } = this.#options;
    const problem = errorText(error);
    if (this.#absence.failed(problem)) log.error({ problem }, 'The model cannot be loaded; trying again');
    onChange();
    this.#retry = setTimeout(() => {
      void this.#loadAgain();
    }, RETRY_MS);
  }

  async #loadAgain(): Promise<void> {
    try {
      await this.#loadFirst(this.#create(this.#config));
    } catch (error) {
      if (!this.#isStopped) this.#failed(error);
    }
  }

  /** All in one turn: no call falls between two models, or between two sets of adapters. */
  #use(config: Config['model'], next: LoadedModel | undefined): void {
    const before = this.#model;
    this.#config = config;
    this.#adapterFolder?.stop();
    if (next === undefined) this.#adapterFolder?.release();
    this.#adapterFolder = undefined;
    if (next === undefined) {
      this.#openAdapters();
      return;
    }
    clearTimeout(this.#retry);
    this.#take(next);
    if (before === undefined) return;
    before.retire();
    this.#retired.add(before);
    this.#letGo(before);
  }

  #openAdapters(): void {
    const { adapters } = this.#config;
    if (adapters === undefined || this.#model === undefined) return;
    this.#adapterFolder = new AdapterFolder(adapters, this.#model.detector, this.#options.log);
    this.#adapterFolder.start();
  }

  #letGo(model: LoadedModel): void {
    if (model.nUnderWay > 0) return;
    this.#retired.delete(model);
    model.stop();
  }

  #survives(error: unknown): boolean {
    return this.#options.survives && isDamage(error, modelDirectoryOf(this.#config));
  }
}

/** Whether the files are not what they were. One that is not there at all, or made for other daemons, is a matter of the config. */
function isDamage(error: unknown, folder: string): boolean {
  if (isChirpdError(error, 'MODEL_CHECKSUM') || isChirpdError(error, 'MODEL_LOAD')) return true;
  if (isChirpdError(error, 'MODEL_ADAPTER')) return true;
  return (
    isChirpdError(error, 'MODEL_MANIFEST') && error.cause !== undefined && existsSync(join(folder, 'manifest.json'))
  );
}
