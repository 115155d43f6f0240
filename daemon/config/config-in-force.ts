import type { Config } from './schema.js';

/** The config that the daemon runs with at the moment, for whoever asks anew each time. */
export class ConfigInForce {
  #now: Config;
  #sinceMicros = Date.now() * 1000;

  constructor(config: Config) {
    this.#now = config;
  }

  get now(): Config {
    return this.#now;
  }

  /** Since when, Unix microseconds. */
  get sinceMicros(): number {
    return this.#sinceMicros;
  }

  replace(config: Config): void {
    this.#now = config;
    this.#sinceMicros = Date.now() * 1000;
  }
}
