import { statSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { firstValueFrom } from 'rxjs';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { fileKindOf, hasEndingOf } from '../../adapters/file-kind.js';
import { folderRecordings } from '../../adapters/folder-recordings.js';
import { openAdapter } from '../../adapters/registry.js';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { bedFolderName } from '../recording/file-name.js';
import { bedSchema, type BedConfig, type Config } from './schema.js';

export type BedSettings = Partial<Pick<BedConfig, 'speed' | 'montage' | 'profiles' | 'mainsHz'>>;

export interface RecordingsOptions {
  /** Absolute paths; the recordings of a folder are one session. */
  readonly files: readonly string[];
  /** For a single file; left out: the file's name. */
  readonly bed?: string | undefined;
  /** What holds besides the beds; a bed of the same name in it lends its settings. */
  readonly base: Config;
  /** Whether `base` was made by a person: an embedded one lends no settings. */
  readonly isBaseGiven: boolean;
  /** Override everything else. */
  readonly settings: BedSettings;
}

/**
 * The config for replaying recordings: one bed for each file, of the kind that its ending and first lines tell, or for each
 * folder of consecutive ones; a lending bed's adapter, where it reads files of that ending, lends its kind and options.
 * A bed of `base` lends its name to the folder of its own recordings. InfluxDB is left out: it holds what live
 * beds had to say.
 * @throws ChirpdError ADAPTER_FILE_KIND, and what its adapter says is wrong with the first file that cannot be replayed
 */
export async function configForRecordings(options: RecordingsOptions): Promise<Config> {
  const { files, bed, base, isBaseGiven, settings } = options;
  const names =
    bed === undefined ? uniqueNames(files.map((file) => recordingBedName(file, isBaseGiven ? base.beds : []))) : [bed];
  const beds: BedConfig[] = [];
  for (const [i, path] of files.entries()) {
    const name = names[i]!;
    const lent = isBaseGiven ? base.beds.find((candidate) => candidate.name === name) : undefined;
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    const adapter = isFolder
      ? { kind: 'session', files: await folderRecordings(path) }
      : lent !== undefined && hasEndingOf(path, lent.adapter.kind)
        ? { ...lent.adapter, path }
        : { kind: await fileKindOf(path), path };
    beds.push(bedSchema.parse({ ...lent, ...settings, name, adapter }));
  }
  for (const { adapter } of beds) await tryRecording(adapter);
  return { ...base, influx: undefined, recording: {}, beds };
}

/** Reads a recording as far as its description. @throws ChirpdError what the adapter says is wrong with it */
async function tryRecording({ kind, ...options }: BedConfig['adapter']): Promise<void> {
  const stream$ = await openAdapter(kind, options, { pacer: fullSpeedPacer() });
  try {
    await firstValueFrom(stream$);
  } catch (error) {
    if (error instanceof ChirpdError) throw error;
    throw new ChirpdError(
      'ADAPTER_FAILED',
      `cannot read ${typeof options['path'] === 'string' ? options['path'] : 'a recording'}: ${errorText(error)}`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Name for the bed of a recording or of a folder of them: that of the bed which the daemon recorded there; else the file's
 * without its ending, as far as it can be a bed's name.
 */
export function recordingBedName(path: string, beds: readonly Pick<BedConfig, 'name'>[]): string {
  const folders = [basename(path), basename(dirname(path))];
  const recorded = beds.find(({ name }) => folders.includes(bedFolderName(name)));
  if (recorded !== undefined) return recorded.name;
  const name = basename(path, extname(path)).replaceAll(/\p{C}/gu, '?').trim().slice(0, 60).trim();
  return name === '' ? 'recording' : name;
}

/** Files of one name from several folders: `night`, `night-2`, `night-3`. */
function uniqueNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let n = 2; taken.has(unique); n++) unique = `${name}-${String(n)}`;
    taken.add(unique);
    return unique;
  });
}
