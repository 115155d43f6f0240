import type { createBed } from '../create-bed.js';
import type { BedAlarmRules } from '../protocol/alarm-rules.js';
import type { BedConfig, Config } from './schema.js';

/** What a bed is made of, as far as the config says. */
export function bedOptions(
  { name, adapter, speed, montage, profiles, mainsHz }: BedConfig,
  { detection }: Pick<Config, 'detection'>,
): Omit<Parameters<typeof createBed>[0], 'detector'> {
  const { kind, ...adapterOptions } = adapter;
  return {
    name,
    adapter: { kind, options: adapterOptions },
    speed,
    montage: typeof montage === 'string' ? montage : { derivations: montage },
    profiles,
    mainsHz: mainsHz === 'off' ? undefined : mainsHz,
    ...detection,
  };
}

/** The rules by which chirps of a bed are alarms, as the config says: its own, or those of all. */
export function configuredRulesOf(
  name: string,
  { beds, alarms }: Pick<Config, 'beds' | 'alarms'>,
): BedAlarmRules['configured'] {
  const own = beds.find((bed) => bed.name === name)?.alarmRules;
  return own === undefined ? { source: 'config', rules: alarms.rules } : { source: 'bed', rules: own };
}
