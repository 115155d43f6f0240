import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OnnxDetector } from '../models/detector.js';
import { loadReleasedModel } from '../models/manifest.js';
import type { Detector } from '../pipelines/core/detection.js';
import { ChirpdError, errorText, isChirpdError } from '../pipelines/core/errors.js';
import { AdapterFolder } from './adapter-folder.js';
import type { TechnicalCondition } from './alarms/alarm-codes.js';
import type { Config } from './config/schema.js';
import { createDetector, modelDirectoryOf } from './create-detector.js';
import type { Logger } from './log.js';
import { ModelFiles } from './model-files.js';
import { ModelReport } from './model-report.js';
import type { Part } from './supervisor.js';
import { WaitingDetector } from './waiting-detector.js';

export interface ModelPartOptions {
  readonly config: Config['model'];
  /** Whether a damaged model is an alarm and tried again: recording, board and alarms go on. Else it ends the start. */
  readonly survives: boolean;
  /** What is wrong with it may have changed. */
  readonly onChange: () => void;
  readonly log: Logger;
}

/** A model that could not be loaded is tried again so often. */
const RETRY_MS = 5000;

/** The model that all beds share, in a process of its own, and the folder of its adapters. */
export class ModelPart implements Part {
  readonly name = 'model';
  /** Undefined before it has been loaded. */
  detector: OnnxDetector | undefined;
  readonly #report = new ModelReport();
  readonly #options: ModelPartOptions;
  readonly #waiting = new WaitingDetector();
  #adapterFolder: AdapterFolder | undefined;
  #files: ModelFiles | undefined;
  /** Under way: not to be left behind by a stop. */
  #loading: OnnxDetector | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: ModelPartOptions) {
    this.#options = options;
  }

  /** @throws ChirpdError MODEL_... where the config names no model of this daemon, or a damaged one must not be survived */
  async start(): Promise<void> {
    try {
      await this.#load();
    } catch (error) {
      if (!this.#options.survives || !isDamage(error, modelDirectoryOf(this.#options.config))) throw error;
      this.#failed(error);
    }
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    this.#adapterFolder?.stop();
    this.#files?.stop();
    this.#loading?.stop();
    this.detector?.stop();
  }

  /** For beds: canvases wait until the model is there. @throws ChirpdError MODEL_LOAD before the start */
  started(): Detector {
    if (this.detector === undefined && this.#retry === undefined) {
      throw new ChirpdError('MODEL_LOAD', 'the model was not started');
    }
    return this.#waiting;
  }

  /** What is wrong with it now. */
  conditions(): readonly TechnicalCondition[] {
    const { problem } = this.#report;
    const damage = this.#files?.problem ?? '';
    return [
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

  /** For the health. */
  report(): Readonly<Record<string, unknown>> {
    return this.#report.of(this.detector);
  }

  async #load(): Promise<void> {
    const { config, onChange, log } = this.#options;
    const detector = createDetector(config, (state) => {
      // The last words of one that did not get as far.
      if (detector !== this.#loading && detector !== this.detector) return;
      this.#report.take(state);
      if (state.type === 'replacing') log.error(state, 'The inference process is being replaced');
      if (state.type === 'late') log.warn(state, 'The model does not answer');
      onChange();
    });
    this.#loading = detector;
    const { provider, passedOver } = await detector.start();
    this.detector = detector;
    const told = passedOver.length === 0 ? {} : { passedOver };
    log.info({ model: detector.model.manifest.name, provider, ...told }, 'Model ready');
    this.#files = new ModelFiles({
      files: detector.model.files,
      check: () => void loadReleasedModel(modelDirectoryOf(config), config.variant),
      onChange: () => {
        this.#toldOfFiles();
      },
    });
    this.#files.start();
    if (config.adapters !== undefined) {
      this.#adapterFolder = new AdapterFolder(config.adapters, detector, log);
      this.#adapterFolder.start();
    }
    this.#waiting.use(detector);
  }

  #failed(error: unknown): void {
    const { onChange, log } = this.#options;
    const problem = errorText(error);
    if (this.#report.failed(problem)) log.error({ problem }, 'The model cannot be loaded; trying again');
    onChange();
    this.#retry = setTimeout(() => {
      this.#load().catch((again: unknown) => {
        if (!this.#isStopped) this.#failed(again);
      });
    }, RETRY_MS);
  }

  #toldOfFiles(): void {
    const { onChange, log } = this.#options;
    const problem = this.#files?.problem ?? '';
    if (problem === '') log.info('The files of the model are whole again');
    else log.error({ problem }, 'The files of the model are damaged');
    onChange();
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
