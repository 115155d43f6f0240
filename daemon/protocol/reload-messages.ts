export const RELOAD_PATH = '/v1/config/reload';

/** One thing that is wrong in a config file. */
export interface ConfigFileProblem {
  /** Of the file, from 1 on. Absent: not of one line. */
  readonly line?: number;
  /** `beds[2].adapter.path`; '' of the file as a whole. */
  readonly path: string;
  /** For people. */
  readonly message: string;
}

/** Why a config was not taken. */
export interface ReloadError {
  readonly code: string;
  /** For people, all of it. */
  readonly message: string;
  readonly problems: readonly ConfigFileProblem[];
}

/** What became of the beds, each of them in one of these lists by its name. */
export interface ReloadedBeds {
  /** Not touched: they know nothing of it. */
  readonly unchanged: readonly string[];
  /** Opened anew, and because of which of their settings. */
  readonly restarted: readonly { readonly bed: string; readonly keys: readonly string[] }[];
  readonly added: readonly string[];
  /** Their streams have ended. */
  readonly removed: readonly string[];
}

/**
 * What became of a reload. `applied`: the file is in force, but for what `needsRestart` names; `unchanged`: it says what is
 * in force already; `refused`: nothing has changed; `failed`: an error inside, half-way: restart the daemon.
 */
export interface ReloadResult {
  readonly outcome: 'applied' | 'unchanged' | 'refused' | 'failed';
  /** When it was asked for, and how long it took. */
  readonly timeMicros: number;
  readonly milliseconds: number;
  /** `signal`: SIGHUP, by whoever runs the daemon. */
  readonly by: 'signal' | 'http';
  /** Name of the token that was shown. Absent: nobody was asked for one. */
  readonly token?: string;
  readonly beds: ReloadedBeds;
  /** Settings that are in force now without a bed that was opened anew, by their keys. */
  readonly applied: readonly string[];
  /** Settings that the file has and that are in force only after a restart, by their keys. */
  readonly needsRestart: readonly string[];
  /** Of `refused` and `failed`. */
  readonly error?: ReloadError;
}

/** Answer of `GET /v1/config/reload`. */
export interface ReloadState {
  /** The config file; null where the daemon runs without one: nothing can be reloaded. */
  readonly file: string | null;
  readonly isReloading: boolean;
  /** Since when the config that is in force is. */
  readonly inForceSinceMicros: number;
  /** The newest reload; null where there was none. */
  readonly last: ReloadResult | null;
}
