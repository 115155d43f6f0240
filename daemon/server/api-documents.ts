import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { builtFolder } from '../package-root.js';
import { needs } from './route-role.js';
import { API_DOCUMENTS, type ApiDocument, type ApiDocumentFile, wholeApiDocument } from './whole-api-document.js';

/** The documents that say how to speak to this daemon; each is whole by itself. */
export function addApiDocumentRoutes(app: FastifyInstance, version: string): void {
  for (const [path, file] of Object.entries(API_DOCUMENTS)) {
    const document = builtDocument(file) ?? wholeApiDocument(file);
    const body = JSON.stringify({ ...document, info: { ...document.info, version } });
    app.get(path, needs('view'), async (_request, reply) =>
      reply.header('cache-control', 'no-cache').type('application/json; charset=utf-8').send(body),
    );
  }
}

/** What the build has made of it (../launch/write-api-documents.mjs), for the built program; undefined in the sources. */
function builtDocument(file: ApiDocumentFile): ApiDocument | undefined {
  const folder = builtFolder();
  const built = folder && join(folder, 'daemon/protocol', file.replace('.yaml', '.json'));
  return built !== undefined && existsSync(built)
    ? (JSON.parse(readFileSync(built, 'utf8')) as ApiDocument)
    : undefined;
}
