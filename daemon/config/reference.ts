import { z } from 'zod';
import { configSchema } from './schema.js';

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: string | number;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** Every key of the config, one a line with its type, bounds and default, its meaning under it. Made from the schema. */
export function configReference(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return `${keyLines(schema, '').join('\n')}\n`;
}

function keyLines({ properties = {}, required = [] }: JsonSchema, prefix: string): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const isGroup = schema.properties !== undefined;
    const parts = [typeText(schema), required.includes(name) ? 'needed' : defaultText(schema)].filter(Boolean);
    return [
      `${prefix}${name}${isGroup || parts.length === 0 ? '' : `  (${parts.join('; ')})`}`,
      ...(schema.description === undefined ? [] : [`    ${schema.description}`]),
      ...nestedLines(schema, `${prefix}${name}`),
    ];
  });
}

function nestedLines(schema: JsonSchema, path: string): string[] {
  if (schema.items?.properties !== undefined) return keyLines(schema.items, `${path}[].`);
  const alternatives = schema.oneOf?.filter(({ properties }) => properties !== undefined) ?? [];
  if (alternatives.length > 0) {
    return alternatives.flatMap(({ properties: { kind, ...options } = {}, required = [] }) => [
      `${path}.kind: ${String(kind?.const)}`,
      ...(kind?.description === undefined ? [] : [`    ${kind.description}`]),
      ...keyLines({ properties: options, required }, `${path}.`),
    ]);
  }
  return schema.properties === undefined ? [] : keyLines(schema, `${path}.`);
}

function typeText(schema: JsonSchema): string {
  const { anyOf, items } = schema;
  if (anyOf !== undefined) return anyOf.map(typeText).join(' or ');
  if (schema.enum !== undefined) return schema.enum.map(String).join(', ');
  if (schema.const !== undefined) return String(schema.const);
  if (items !== undefined) return items.properties === undefined ? `list of ${typeText(items)}` : 'list';
  if (schema.oneOf !== undefined || schema.properties !== undefined) return '';
  return `${String(schema.type)}${boundsText(schema)}`;
}

function boundsText({ minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  const from = minimum ?? exclusiveMinimum;
  const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (from === undefined) return isBounded ? ` up to ${String(maximum)}` : '';
  if (!isBounded) return minimum === undefined ? ` above ${String(from)}` : ` from ${String(from)}`;
  return ` ${String(from)} to ${String(maximum)}`;
}

function defaultText(schema: JsonSchema): string {
  return schema.default === undefined ? 'optional' : `default ${JSON.stringify(schema.default)}`;
}
