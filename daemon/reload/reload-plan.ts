import { isDeepStrictEqual } from 'node:util';
import type { BedChanges } from '../beds-part.js';
import { configuredRulesOf } from '../config/bed-options.js';
import { changedKeys, settingsOf } from '../config/config-record.js';
import type { BedConfig, Config } from '../config/schema.js';
import type { ReloadedBeds } from '../protocol/reload-messages.js';

/** What is to be done so that another config is in force. */
export interface ReloadPlan {
  /** What is in force then: the other config, but for what only a restart changes. */
  readonly config: Config;
  readonly changes: BedChanges;
  /** The same for people. */
  readonly beds: ReloadedBeds;
  readonly isOtherModel: boolean;
  /** Of beds that stay: the config says something else of their alarms. */
  readonly bedsOfOtherRules: readonly string[];
  /** Keys that are in force then without a bed that is opened anew. */
  readonly applied: readonly string[];
  /** Keys that a restart alone changes. */
  readonly needsRestart: readonly string[];
}

const OF_BEDS = 'beds[';

/** Compares two configs, and says what it takes to get from one to the other. */
export function planReload(now: Config, next: Config): ReloadPlan {
  const config: Config = {
    ...now,
    model: next.model,
    detection: next.detection,
    replays: next.replays,
    alarms: { ...next.alarms, webhooks: now.alarms.webhooks },
    beds: next.beds.flatMap((bed) => takeable(bed, now.beds)),
  };
  const before = new Map(now.beds.map((bed) => [bed.name, bed]));
  const names = new Set(config.beds.map(({ name }) => name));
  const isOtherDetection = !isDeepStrictEqual(now.detection, config.detection);
  const staying = config.beds.filter(({ name }) => before.has(name));
  const isChanged = (bed: BedConfig): boolean =>
    isOtherDetection || !isDeepStrictEqual(whatRuns(before.get(bed.name)!, now), whatRuns(bed, now));
  const changed = staying.filter(isChanged);
  const added = config.beds.filter(({ name }) => !before.has(name));
  const removed = now.beds.map(({ name }) => name).filter((name) => !names.has(name));
  const unchanged = staying.filter((bed) => !changed.includes(bed)).map(({ name }) => name);
  const settings = settingsOf(config);
  const keys = changedKeys(settingsOf(now), settings);
  return {
    config,
    changes: { removed, changed, added },
    beds: {
      unchanged,
      restarted: changed.map(({ name }) => ({ bed: name, keys: restartingKeys(name, keys) })),
      added: added.map(({ name }) => name),
      removed,
    },
    isOtherModel: !isDeepStrictEqual(now.model, config.model),
    bedsOfOtherRules: staying
      .map(({ name }) => name)
      .filter((name) => !isDeepStrictEqual(configuredRulesOf(name, now).rules, configuredRulesOf(name, config).rules)),
    applied: keys.filter((key) => !key.startsWith(OF_BEDS) || unchanged.some((name) => isOf(name, key))),
    needsRestart: changedKeys(settings, settingsOf(next)),
  };
}

/** Standard input has been read, or was never opened: a bed of it can stay or go, and not come. */
function takeable(bed: BedConfig, now: readonly BedConfig[]): readonly BedConfig[] {
  const before = now.find(({ name }) => name === bed.name);
  if (bed.adapter.kind !== 'stdin' || isDeepStrictEqual(before, bed)) return [bed];
  return before === undefined ? [] : [before];
}

/** All of a bed's settings with which it is opened. Its alarm rules are looked up when they are needed. */
function whatRuns(bed: BedConfig, { recording }: Config): object {
  return { ...bed, alarmRules: undefined, ...(recording.folder === undefined && { record: true }) };
}

function isOf(bed: string, key: string): boolean {
  return key.startsWith(`${OF_BEDS}${bed}].`);
}

function restartingKeys(bed: string, keys: readonly string[]): readonly string[] {
  const own = `${OF_BEDS}${bed}].`;
  return keys.flatMap((key) => {
    if (isOf(bed, key)) return [key.slice(own.length)];
    return key.startsWith('detection.') ? [key] : [];
  });
}
