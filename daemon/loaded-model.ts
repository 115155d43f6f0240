import type { OnnxDetector } from '../models/detector.js';
import { loadReleasedModel } from '../models/manifest.js';
import type { Config } from './config/schema.js';
import { createDetector, modelDirectoryOf } from './create-detector.js';
import type { Logger } from './log.js';
import { ModelFiles } from './model-files.js';
import { ModelReport } from './model-report.js';

/** A model with its process, and what is known of both. */
export class LoadedModel {
  readonly detector: OnnxDetector;
  readonly report = new ModelReport();
  /** Calls that have not been answered. */
  nUnderWay = 0;
  isRetired = false;
  readonly #config: Config['model'];
  readonly #onChange: () => void;
  readonly #log: Logger;
  #files: ModelFiles | undefined;
  /** '' before it has begun. */
  #provider = '';

  /** @throws ChirpdError MODEL_... where there is none of this daemon's */
  constructor(config: Config['model'], onChange: () => void, log: Logger) {
    this.#config = config;
    this.#onChange = onChange;
    this.#log = log;
    this.detector = createDetector(config, (state) => {
      this.report.take(state);
      if (state.type === 'replacing') log.error(state, 'The inference process is being replaced');
      if (state.type === 'ready') this.#tellProvider(state.provider);
      if (state.type === 'late') log.warn(state, 'The model does not answer');
      onChange();
    });
  }

  /** What is wrong with its files; '' where nothing is. */
  get damage(): string {
    return this.#files?.problem ?? '';
  }

  /** Resolves when it answers. @throws ChirpdError MODEL_... */
  async start(): Promise<void> {
    const { provider, passedOver, milliseconds } = await this.detector.start();
    this.#provider = provider;
    const told = passedOver.length === 0 ? {} : { passedOver };
    const seconds = Math.round(milliseconds / 100) / 10;
    this.#log.info({ model: this.detector.model.manifest.name, provider, seconds, ...told }, 'Model ready');
  }

  /** From now on it is told when its files are not what they were. */
  watchFiles(): void {
    const { variant } = this.#config;
    this.#files = new ModelFiles({
      files: this.detector.model.files,
      check: () => void loadReleasedModel(modelDirectoryOf(this.#config), variant),
      onChange: () => {
        if (this.damage === '') this.#log.info('The files of the model are whole again');
        else this.#log.error({ problem: this.damage }, 'The files of the model are damaged');
        this.#onChange();
      },
    });
    this.#files.start();
  }

  /** Another one than before, in the middle of everything. */
  #tellProvider(provider: string): void {
    if (this.#provider === '' || this.#provider === provider) return;
    this.#log.warn(
      { before: this.#provider, provider, passedOver: this.report.passedOver },
      'Another provider runs the model',
    );
    this.#provider = provider;
  }

  /** Another one takes its place: it answers what it was asked, and stops. */
  retire(): void {
    this.isRetired = true;
    this.#files?.stop();
  }

  stop(): void {
    this.#files?.stop();
    this.detector.stop();
  }
}
