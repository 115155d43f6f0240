import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type { SessionFile } from '../../adapters/session/options.js';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { isCredential } from '../secret-file.js';
import { crossCheck } from './cross-checks.js';
import { configError, plainMessage, schemaProblems } from './problem.js';
import { MAX_CONFIG_BYTES, plainValue, syntaxError, twinKeys } from './plain-value.js';
import { configSchema, type AdapterConfig, type Config } from './schema.js';

/**
 * Reads a config file. Relative paths in it count from its own folder.
 * @throws ChirpdError CONFIG_UNREADABLE, CONFIG_SYNTAX, CONFIG_INVALID (every error at once, each with its path)
 */
export function loadConfig(file: string): Config {
  return parseConfig(readConfigFile(file), file);
}

function readConfigFile(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > MAX_CONFIG_BYTES)
      throw new Error(`it has ${String(size)} bytes, and at most ${String(MAX_CONFIG_BYTES)} may be`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ChirpdError('CONFIG_UNREADABLE', `cannot read the config file ${file}: ${errorText(error)}`, {
      cause: error,
    });
  }
}

/**
 * @param text YAML
 * @param file its name, for messages and as the place from which relative paths count
 * @throws ChirpdError as `loadConfig`
 */
export function parseConfig(text: string, file: string): Config {
  const lineCounter = new LineCounter();
  // Its warnings are about what the schema refuses anyway. Its search for keys that come twice takes the square of their number.
  const document = parseDocument(text, { lineCounter, logLevel: 'error', uniqueKeys: false });
  const mistakes = [...document.errors.map(({ message, pos }) => ({ message, at: pos[0] })), ...twinKeys(document)];
  if (mistakes.length > 0) throw syntaxError(file, lineCounter, mistakes);
  const lineOf = (path: readonly PropertyKey[]): number | undefined => lineOfPath(document, lineCounter, path);
  const parsed = configSchema.safeParse(plainValue(document, file, lineCounter) ?? {}, { error: plainMessage });
  if (!parsed.success) throw configError(file, schemaProblems(parsed.error), lineOf);
  const config = withAbsolutePaths(parsed.data, dirname(resolve(file)));
  const problems = crossCheck(config);
  if (problems.length > 0) throw configError(file, problems, lineOf);
  return config;
}

/** Line of the key that a path names, or of the nearest thing around it that is there. */
function lineOfPath(document: Document, lineCounter: LineCounter, path: readonly PropertyKey[]): number | undefined {
  for (let n = path.length; n > 0; n--) {
    const node = document.getIn(path.slice(0, n), true);
    if (isNode(node) && node.range) return lineCounter.linePos(node.range[0]).line;
  }
  return undefined;
}

function withAbsolutePaths(config: Config, folder: string): Config {
  return {
    ...config,
    ...(config.data === undefined ? {} : { data: resolve(folder, config.data) }),
    server: {
      ...config.server,
      ...(config.server.tokens !== undefined && { tokens: resolve(folder, config.server.tokens) }),
      ...(config.server.tls && {
        tls: {
          certificate: resolve(folder, config.server.tls.certificate),
          key: resolve(folder, config.server.tls.key),
        },
      }),
    },
    model: {
      ...config.model,
      ...(config.model.path !== undefined && { path: resolve(folder, config.model.path) }),
      ...(config.model.adapters !== undefined && { adapters: resolve(folder, config.model.adapters) }),
    },
    ...(config.influx?.passwordFile !== undefined && {
      influx: { ...config.influx, passwordFile: secretPath(folder, config.influx.passwordFile) },
    }),
    alarms: {
      ...config.alarms,
      webhooks: config.alarms.webhooks.map((webhook) => ({
        ...webhook,
        ...(webhook.tokenFile !== undefined && { tokenFile: secretPath(folder, webhook.tokenFile) }),
      })),
    },
    recording: {
      ...config.recording,
      ...(config.recording.folder !== undefined && { folder: resolve(folder, config.recording.folder) }),
    },
    replays: {
      ...config.replays,
      ...(config.replays.folders && { folders: config.replays.folders.map((path) => resolve(folder, path)) }),
    },
    beds: config.beds.map((bed) => ({ ...bed, adapter: adapterWithAbsolutePaths(bed.adapter, folder) })),
  };
}

function secretPath(folder: string, path: string): string {
  return isCredential(path) ? path : resolve(folder, path);
}

function adapterWithAbsolutePaths(adapter: AdapterConfig, folder: string): AdapterConfig {
  const { path, files } = adapter;
  if (typeof path === 'string') return { ...adapter, path: resolve(folder, path) };
  if (adapter.kind !== 'session' || !Array.isArray(files)) return adapter;
  return { ...adapter, files: (files as SessionFile[]).map((file) => ({ ...file, path: resolve(folder, file.path) })) };
}
