import { isDeepStrictEqual } from 'node:util';
import type { OnnxDetector } from '../models/detector.js';
import type { Detections, Detector } from '../pipelines/core/detection.js';
import { ChirpdError } from '../pipelines/core/errors.js';
import type { ProfileName } from '../pipelines/core/profile.js';
import { AdapterFolder } from './adapter-folder.js';
import type { Config } from './config/schema.js';
import { createDetector } from './create-detector.js';
import type { Logger } from './log.js';
import { ModelReport } from './model-report.js';
import type { Part } from './supervisor.js';

export interface ModelPartOptions {
  readonly config: Config['model'];
  /** The inference process has gone, or is there again. */
  readonly onChange: () => void;
  readonly log: Logger;
}

/** A model that may take the place of the one in use. */
export interface NextModel {
  /** From the next call on it is in use; calls made before end with the one before, which stops then. */
  use(): void;
  /** It is not wanted. */
  drop(): void;
}

/** A model with its process, and what is known of both. */
interface LoadedModel {
  readonly detector: OnnxDetector;
  readonly report: ModelReport;
  /** Calls that have not been answered. */
  nUnderWay: number;
  isRetired: boolean;
}

/** The model that all beds share, in a process of its own, and the folder of its adapters. Both may be changed while beds run. */
export class ModelPart implements Part, Detector {
  readonly name = 'model';
  readonly #options: ModelPartOptions;
  #config: Config['model'];
  #model: LoadedModel | undefined;
  #loading: Promise<void> | undefined;
  #adapterFolder: AdapterFolder | undefined;
  /** Those that still answer what they were asked before they were replaced. */
  readonly #retired = new Set<LoadedModel>();

  constructor(options: ModelPartOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  /** Begins to load, in its own process: whoever has other things to do meanwhile calls this first, and `start` later. */
  load(): void {
    if (this.#loading !== undefined) return;
    this.#model = this.#create(this.#config);
    this.#openAdapters();
    this.#loading = this.#startModel(this.#model);
    // It is told by `start`.
    this.#loading.catch(() => undefined);
  }

  /** Resolves when it answers. @throws ChirpdError MODEL_... */
  async start(): Promise<void> {
    this.load();
    await this.#loading;
  }

  stop(): void {
    this.#adapterFolder?.stop();
    this.#model?.detector.stop();
    for (const { detector } of this.#retired) detector.stop();
  }

  /** Undefined before the start. */
  get detector(): OnnxDetector | undefined {
    return this.#model?.detector;
  }

  /** The one in use when it is called answers; one that is being loaded, when it is there. @throws ChirpdError MODEL_LOAD before `load` */
  async detect(profile: ProfileName, canvases: Float32Array, n: number): Promise<Detections> {
    const model = this.#model;
    if (model === undefined) throw new ChirpdError('MODEL_LOAD', 'the model was not started');
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
    if (next !== undefined) {
      try {
        await this.#startModel(next);
      } catch (error) {
        next.detector.stop();
        throw error;
      }
    }
    return {
      use: () => {
        this.#use(config, next);
      },
      drop: () => next?.detector.stop(),
    };
  }

  /** Why it does not run now; '' while it does, or has not been started. */
  get problem(): string {
    return this.#model?.report.problem ?? '';
  }

  /** For the health. */
  report(): Readonly<Record<string, unknown>> {
    return this.#model?.report.of(this.#model.detector) ?? { state: 'starting' };
  }

  #create(config: Config['model']): LoadedModel {
    const { onChange, log } = this.#options;
    const report = new ModelReport();
    const detector = createDetector(config, (state) => {
      report.take(state);
      if (state.type === 'replacing') log.error(state, 'The inference process is being replaced');
      if (this.#model?.report === report) onChange();
    });
    return { detector, report, nUnderWay: 0, isRetired: false };
  }

  async #startModel({ detector }: LoadedModel): Promise<void> {
    const { provider, passedOver } = await detector.start();
    const told = passedOver.length === 0 ? {} : { passedOver };
    this.#options.log.info({ model: detector.model.manifest.name, provider, ...told }, 'Model ready');
  }

  /** All in one turn: no call falls between two models, or between two sets of adapters. */
  #use(config: Config['model'], next: LoadedModel | undefined): void {
    const before = this.#model;
    this.#config = config;
    this.#adapterFolder?.stop();
    if (next === undefined) this.#adapterFolder?.release();
    else this.#model = next;
    this.#adapterFolder = undefined;
    this.#openAdapters();
    if (next === undefined || before === undefined) return;
    before.isRetired = true;
    this.#retired.add(before);
    this.#letGo(before);
    this.#options.onChange();
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
    model.detector.stop();
  }
}
