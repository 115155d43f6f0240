import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { ChirpdError } from '../../pipelines/core/errors.js';

/**
 * Where the annotations of recordings lie: for `night.edf`, `night.tsv` or `night_events.tsv`; for BIDS's
 * `sub-01_run-00_eeg.edf` also `sub-01_run-00_events.tsv`.
 *
 * @param recordings absolute paths
 * @param annotations absolute path of a table (of the only recording) or of a folder of tables; left out: beside each
 *   recording
 * @returns for each recording the table's path; undefined where there is none, which only a search beside them allows
 * @throws ChirpdError USAGE_ANNOTATIONS, SCORE_ANNOTATIONS
 */
export function findAnnotations(
  recordings: readonly string[],
  annotations: string | undefined,
): readonly (string | undefined)[] {
  if (annotations === undefined) return recordings.map((recording) => firstTable(dirname(recording), recording));
  if (!existsSync(annotations)) throw new ChirpdError('SCORE_READ', `there is no ${annotations}`);
  if (!statSync(annotations).isDirectory()) {
    if (recordings.length === 1) return [annotations];
    throw new ChirpdError(
      'USAGE_ANNOTATIONS',
      'with several recordings, --annotations names the folder of their tables',
    );
  }
  const found = recordings.map((recording) => firstTable(annotations, recording));
  const missing = recordings.filter((_, i) => found[i] === undefined);
  if (missing.length > 0) {
    const names = missing.slice(0, 5).map((path) => basename(path));
    const more = missing.length > names.length ? ` and ${String(missing.length - names.length)} more` : '';
    throw new ChirpdError('SCORE_ANNOTATIONS', `${annotations} has no table for ${names.join(', ')}${more}`);
  }
  return found;
}

function firstTable(folder: string, recording: string): string | undefined {
  const name = basename(recording, extname(recording));
  const names = [name, `${name}_events`, name.replace(/_eeg$/, '_events')];
  return names.map((each) => join(folder, `${each}.tsv`)).find((path) => existsSync(path));
}
