import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { parse } from 'yaml';
import { packageRoot } from '../package-root.js';
import { needs } from './route-role.js';

/** Which file of `daemon/protocol` is served where. */
export const API_DOCUMENTS = {
  '/v1/openapi.json': 'openapi.yaml',
  '/v1/asyncapi.json': 'asyncapi.yaml',
} as const;

interface ApiDocument {
  readonly info: object;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const SCHEMA_REFERENCE = /^#\/components\/schemas\/(\w+)$/;

/** The documents that say how to speak to this daemon; each is whole by itself. */
export function addApiDocumentRoutes(app: FastifyInstance, version: string): void {
  // Read before anything is live: parsing takes a while.
  const schemas = readYaml('schemas.yaml') as Readonly<Record<string, unknown>>;
  for (const [path, file] of Object.entries(API_DOCUMENTS)) {
    const body = JSON.stringify(withSchemas(readYaml(file) as ApiDocument, schemas, version));
    app.get(path, needs('view'), async (_request, reply) =>
      reply.header('cache-control', 'no-cache').type('application/json; charset=utf-8').send(body),
    );
  }
}

function readYaml(file: string): unknown {
  return parse(readFileSync(join(packageRoot(), 'daemon/protocol', file), 'utf8'), { merge: true });
}

/** A document with those of the shared schemas that it speaks of, directly or through others. */
function withSchemas(document: ApiDocument, shared: Readonly<Record<string, unknown>>, version: string): ApiDocument {
  const used = new Map<string, unknown>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('$ref' in value) {
      const name = SCHEMA_REFERENCE.exec(String(value.$ref))?.[1];
      if (name !== undefined && name in shared && !used.has(name)) {
        used.set(name, shared[name]);
        collect(shared[name]);
      }
    }
    Object.values(value).forEach(collect);
  };
  collect(document);
  return {
    ...document,
    info: { ...document.info, version },
    components: { ...document.components, schemas: { ...Object.fromEntries(used), ...document.components.schemas } },
  };
}
