import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../package-root.js';

/** Which file of `daemon/protocol` is served where. */
export const API_DOCUMENTS = {
  '/v1/openapi.json': 'openapi.yaml',
  '/v1/asyncapi.json': 'asyncapi.yaml',
} as const;

export type ApiDocumentFile = (typeof API_DOCUMENTS)[keyof typeof API_DOCUMENTS];

export interface ApiDocument {
  readonly info: object;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const SCHEMA_REFERENCE = /^#\/components\/schemas\/(\w+)$/;

/**
 * A document with those of the shared schemas that it speaks of, directly or through others. Takes half a second of the
 * processor: the build does it once for all starts.
 */
export function wholeApiDocument(file: ApiDocumentFile): ApiDocument {
  const shared = readYaml('schemas.yaml') as Readonly<Record<string, unknown>>;
  const document = readYaml(file) as ApiDocument;
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
  const schemas = { ...Object.fromEntries(used), ...document.components.schemas };
  return { ...document, components: { ...document.components, schemas } };
}

function readYaml(file: string): unknown {
  return parse(readFileSync(join(packageRoot(), 'daemon/protocol', file), 'utf8'), { merge: true });
}
