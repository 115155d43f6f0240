// Writes the documents of the API whole and as JSON beside the built program, so that no start has to: part of the build.
import { writeFileSync } from 'node:fs';

// What was built a moment ago.
const built = new URL('../../dist/daemon/server/whole-api-document.js', import.meta.url);
const { API_DOCUMENTS, wholeApiDocument } = await import(built.href);

for (const file of Object.values(API_DOCUMENTS)) {
  const target = new URL(`../../dist/daemon/protocol/${file.replace('.yaml', '.json')}`, import.meta.url);
  writeFileSync(target, JSON.stringify(wholeApiDocument(file)));
}
