import { join } from 'node:path';
import type { Test } from 'tap';
import type { ConfigInput } from '../../../daemon/config/schema.js';
import { runArguments, writeConfig } from '../config-file.js';
import { DaemonProcess, type DaemonProcessOptions } from '../daemon-process.js';
import { temporaryFolder } from '../temporary-folder.js';

/** Beds whose EEG is made up, and who need nothing. */
export const SYNTHETIC = { beds: [{ name: 'Bed 1', adapter: { kind: 'synthetic', seed: 1 } }] } satisfies ConfigInput;

export interface Started {
  readonly daemon: DaemonProcess;
  readonly address: string;
  readonly folder: string;
}

/** The real daemon; it ends with the test. */
export async function start(
  t: Test,
  config: ConfigInput,
  options: DaemonProcessOptions & { readonly data?: string } = {},
): Promise<Started> {
  const folder = temporaryFolder(t);
  const data = options.data ?? join(folder, 'data');
  const daemon = new DaemonProcess(runArguments(writeConfig(folder, 'config', config), data), options);
  t.teardown(() => daemon.kill());
  return { daemon, address: await daemon.ready(), folder };
}
