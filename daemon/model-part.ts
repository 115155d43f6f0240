import type { OnnxDetector } from '../models/detector.js';
import { ChirpdError } from '../pipelines/core/errors.js';
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

/** The model that all beds share, in a process of its own, and the folder of its adapters. */
export class ModelPart implements Part {
  readonly name = 'model';
  /** Undefined before the start. */
  detector: OnnxDetector | undefined;
  readonly #report = new ModelReport();
  readonly #options: ModelPartOptions;
  #adapterFolder: AdapterFolder | undefined;

  constructor(options: ModelPartOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { config, onChange, log } = this.#options;
    this.detector = createDetector(config, (state) => {
      this.#report.take(state);
      if (state.type === 'replacing') log.error(state, 'The inference process is being replaced');
      onChange();
    });
    const { provider, passedOver } = await this.detector.start();
    const told = passedOver.length === 0 ? {} : { passedOver };
    log.info({ model: this.detector.model.manifest.name, provider, ...told }, 'Model ready');
    const { adapters } = config;
    if (adapters === undefined) return;
    this.#adapterFolder = new AdapterFolder(adapters, this.detector, log);
    this.#adapterFolder.start();
  }

  stop(): void {
    this.#adapterFolder?.stop();
    this.detector?.stop();
  }

  /** @throws ChirpdError MODEL_LOAD before the start */
  started(): OnnxDetector {
    if (this.detector === undefined) throw new ChirpdError('MODEL_LOAD', 'the model was not started');
    return this.detector;
  }

  /** Why it does not run now; '' while it does, or has not been started. */
  get problem(): string {
    return this.#report.problem;
  }

  /** For the health. */
  report(): Readonly<Record<string, unknown>> {
    return this.#report.of(this.detector);
  }
}
