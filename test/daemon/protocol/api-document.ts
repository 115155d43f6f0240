import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { subprotocolForm } from './subprotocol-form.js';

type Json = Readonly<Record<string, unknown>>;

interface OpenApiOperation {
  readonly operationId: string;
  readonly 'x-role'?: string;
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
}

interface AsyncApiChannel {
  readonly address: string;
  readonly 'x-role'?: string;
  readonly messages: Json;
  readonly 'x-close-codes': Readonly<Record<string, { meaning: string; action: string; error?: string }>>;
}

/** OpenAPI or AsyncAPI, as the daemon serves it. */
export interface ServedDocument extends Json {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly channels: Readonly<Record<string, AsyncApiChannel>>;
  readonly operations: Readonly<Record<string, { readonly messages: readonly { readonly $ref: string }[] }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly responses: Json };
}

/** A document whose schemas refuse every field that they do not name. */
export class ApiDocument {
  readonly served: ServedDocument;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(served: ServedDocument) {
    this.served = served;
    this.#ajv.addSchema(withoutOtherFields(served) as object, 'document');
  }

  static async read(url: string, path: string): Promise<ApiDocument> {
    return new ApiDocument((await (await fetch(new URL(path, url))).json()) as ServedDocument);
  }

  /** What is wrong with `value`; '' where it is as the schema at `pointer` (such as `/components/schemas/Gap`) says. */
  problem(pointer: string, value: unknown): string {
    const validate = this.#validators.get(pointer) ?? this.#ajv.compile({ $ref: `document#${pointer}` });
    this.#validators.set(pointer, validate);
    return validate(value) ? '' : `${pointer}: ${this.#ajv.errorsText(validate.errors)}`;
  }

  /** The same of a message of a channel, as one of the subprotocols carried it. */
  messageProblem(channel: string, frame: string | Uint8Array): string {
    const { value, bytesAt } = subprotocolForm(frame);
    const { type } = value as { readonly type: string };
    if (!(type in (this.served.channels[channel]?.messages ?? {}))) return `${channel} has no message ${type}`;
    const message = this.#resolve(`/channels/${channel}/messages/${type}`) as { payload: { $ref: string } };
    const pointer = message.payload.$ref.slice(1);
    const documented = this.#bytesFields(pointer);
    if (typeof frame !== 'string' && documented.join() !== bytesAt.join()) {
      return `${type}: bytes at ${bytesAt.join()}, documented at ${documented.join()}`;
    }
    return this.problem(pointer, value);
  }

  /** Where the schema of an answer lies, and of which type it is; undefined where the status is not documented. */
  answer(path: string, method: string, status: number): { contentType: string; pointer: string } | undefined {
    const responses = this.served.paths[path]?.[method.toLowerCase()]?.responses;
    if (responses?.[String(status)] === undefined) return undefined;
    const at = `/paths/${escaped(path)}/${method.toLowerCase()}/responses/${String(status)}`;
    const pointer = (responses[String(status)] as { $ref?: string }).$ref?.slice(1) ?? at;
    const { content = {} } = this.#resolve(pointer) as { content?: Json };
    const contentType = Object.keys(content)[0] ?? '';
    return { contentType, pointer: `${pointer}/content/${escaped(contentType)}/schema` };
  }

  #resolve(pointer: string): unknown {
    let value: unknown = this.served;
    for (const key of pointer.slice(1).split('/')) {
      value = (value as Json)[key.replaceAll('~1', '/').replaceAll('~0', '~')];
      const reference = (value as { $ref?: string } | undefined)?.$ref;
      if (reference !== undefined) value = this.#resolve(reference.slice(1));
    }
    return value;
  }

  /** Names of the fields whose values are bytes. */
  #bytesFields(pointer: string): readonly string[] {
    const { properties = {} } = this.#resolve(pointer) as { properties?: Json };
    return Object.keys(properties).filter((name) => {
      const property = this.#resolve(`${pointer}/properties/${name}`) as { contentEncoding?: string };
      return property.contentEncoding === 'base64';
    });
  }
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Objects take no field but those that are named: what is said and not documented is found. */
function withoutOtherFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOtherFields);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutOtherFields(inner)]));
  const isObject = ['object', 'object,null'].includes(String(copy['type']));
  return isObject && !('additionalProperties' in copy) ? { ...copy, additionalProperties: false } : copy;
}
