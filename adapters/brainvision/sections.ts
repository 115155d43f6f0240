import { ChirpdError } from '../../pipelines/core/errors.js';
import { DiskFile } from '../replay/disk-file.js';

/** Sections of a header or marker file: keys in lower case, values as written. */
export type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Header and marker files are read whole, up to this; a million markers have about half of it. */
const LIMIT_BYTES = 64 * 1024 * 1024;

/** UTF-8 where the file says so or is valid as such, else Latin-1. */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('latin1').decode(bytes);
  }
}

/**
 * Reads the text of a header or marker file.
 * @param title what its first line must say: `Header` or `Marker`
 * @throws ChirpdError RECORDING_OPEN, RECORDING_READ, BRAINVISION_HEADER
 */
export async function readSections(path: string, title: 'Header' | 'Marker'): Promise<Sections> {
  const file = await DiskFile.open(path);
  let bytes: Uint8Array;
  try {
    if (file.sizeBytes > LIMIT_BYTES) {
      const message = `${path}: has ${file.sizeBytes} bytes, more than the ${LIMIT_BYTES} that a ${title.toLowerCase()} file may have. Check what it is`;
      throw new ChirpdError('BRAINVISION_HEADER', message);
    }
    bytes = await file.read(0, new Uint8Array(file.sizeBytes));
  } finally {
    await file.close();
  }
  const text = decodeText(bytes);
  const first = /^.*/.exec(text)?.[0] ?? '';
  if (!new RegExp(`brain ?vision data exchange ${title} file`, 'i').test(first)) {
    const message = `${path}: begins with ${JSON.stringify(first.slice(0, 60))}, not "BrainVision Data Exchange ${title} File". Name the header (.vhdr) of a BrainVision recording`;
    throw new ChirpdError('BRAINVISION_HEADER', message);
  }
  return parseSections(text);
}

/** Keys and values by section, as far as the free text of the comment. */
export function parseSections(text: string): Sections {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of text.split(/\r\n|\n|\r/)) {
    const title = /^\s*\[(.+?)\]\s*$/.exec(line)?.[1];
    if (title !== undefined) {
      if (title.trim().toLowerCase() === 'comment') break;
      section = sections.get(title.trim().toLowerCase()) ?? new Map<string, string>();
      sections.set(title.trim().toLowerCase(), section);
    } else if (!/^\s*;/.test(line)) {
      const equals = line.indexOf('=');
      if (equals > 0) section.set(line.slice(0, equals).trim().toLowerCase(), line.slice(equals + 1).trim());
    }
  }
  return sections;
}

/** Fields between commas; a comma inside a field is written `\1`. */
export function fieldsOf(value: string): readonly string[] {
  return value.split(',').map((field) => field.replaceAll('\\1', ',').trim());
}
