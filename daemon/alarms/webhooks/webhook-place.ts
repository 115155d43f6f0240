import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../make-folder.js';
import { replaceFile } from '../../replace-file.js';

const placeSchema = z.strictObject({
  schema: z.literal(1),
  /** The receiver has what came up to this one. */
  cursor: z.int().min(0),
  /** Alarms that it was told of and that are open. */
  open: z.array(z.string()),
});
export interface WebhookPlace {
  readonly schema: 1;
  readonly cursor: number;
  readonly open: readonly string[];
}

/**
 * How far a webhook has come, in a small file that is replaced as a whole. A file that is lost or damaged, or of another
 * timeline, means that the receiver hears of what comes from now on.
 */
export class WebhookPlaceFile {
  readonly #path: string;

  /** @throws ChirpdError TIMELINE_OPEN_FAILED where the folder cannot be made */
  constructor(folder: string, name: string) {
    makeFolder(folder);
    this.#path = join(folder, `${name}.json`);
  }

  /** @param newestCursor of the timeline */
  read(newestCursor: number): WebhookPlace {
    try {
      const place = placeSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
      if (place.cursor <= newestCursor) return place;
    } catch {
      // As if there were none.
    }
    return { schema: 1, cursor: newestCursor, open: [] };
  }

  /** @throws Error where the disk refuses */
  write(place: WebhookPlace): void {
    replaceFile(this.#path, JSON.stringify(place));
  }
}
