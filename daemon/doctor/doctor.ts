import type { Config } from '../config/schema.js';
import { type Finding, ok, warning } from './finding.js';
import { lookAtClock } from './look-at-clock.js';
import { lookAtDevices } from './look-at-devices.js';
import { lookAtFolders } from './look-at-folders.js';
import { lookAtModel } from './look-at-model.js';
import { lookAtPorts } from './look-at-ports.js';
import { lookAtReceivers } from './look-at-receivers.js';

export interface DoctorOptions {
  readonly config: Config;
  /** Where the daemon would keep its data. */
  readonly dataDirectory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the account that looks; undefined where there are none. */
  readonly userId: number | undefined;
}

/** Looks at everything that a daemon with this config needs, and changes nothing. */
export async function examine({ config, dataDirectory, env, userId }: DoctorOptions): Promise<readonly Finding[]> {
  const { beds } = config;
  return [
    ok('config', `${beds.length} ${beds.length === 1 ? 'bed' : 'beds'}, nothing wrong with it`),
    ...(userId === 0
      ? [
          warning(
            'account',
            'root may do what the account of the service may not',
            'look as that account: runuser -u chirpd -- chirpd doctor ...',
          ),
        ]
      : []),
    ...(await lookAtPorts(config)),
    ...lookAtFolders(dataDirectory, config),
    ...lookAtDevices(config),
    ...(await lookAtModel(config)),
    await lookAtClock(env),
    ...(await lookAtReceivers(config, env)),
  ];
}
