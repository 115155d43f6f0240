// Writes the documents of the API whole and as JSON beside the built program, so that no start has to: part of the build.
import { writeFileSync } from 'node:fs';
import { API_DOCUMENTS, wholeApiDocument } from '../../dist/daemon/server/whole-api-document.js';

for (const file of Object.values(API_DOCUMENTS)) {
  const target = new URL(`../../dist/daemon/protocol/${file.replace('.yaml', '.json')}`, import.meta.url);
  writeFileSync(target, JSON.stringify(wholeApiDocument(file)));
}
