import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { ModelIdentity } from '../pipelines/core/event.js';
import { ChirpdError, errorText } from '../pipelines/core/errors.js';
import { CANVAS, type ProfileName } from '../pipelines/core/profile.js';

const adapterSchema = z.object({ name: z.string(), index: z.int(), trained: z.boolean(), sha256: z.string() });

const manifestSchema = z.object({
  name: z.string(),
  formatVersion: z.literal(1),
  file: z.string(),
  sha256: z.string(),
  canvas: z.unknown(),
  slotFields: z.array(z.string()),
  outputs: z.object({ slots: z.tuple([z.literal('batch'), z.int().positive(), z.int().positive()]) }),
  adapters: z.tuple([adapterSchema], adapterSchema),
  golden: z.object({ file: z.string(), canvases: z.int(), adapters: z.array(z.int()), tolerance: z.number() }),
  accuracy: z.unknown(),
});

/** What a released model says of itself: `models/released/<name>/manifest.json`. */
export type ModelManifest = z.infer<typeof manifestSchema>;

/**
 * The order of a slot's numbers in the graph's output; a model that says otherwise is refused.
 */
export const SLOT_FIELDS = [
  'presence',
  'onset',
  'offset',
  'startFrequency',
  'middleFrequency',
  'endFrequency',
  'onsetSpread',
  'offsetSpread',
  'startFrequencySpread',
  'endFrequencySpread',
  'running',
] as const;

export interface ReleasedModel {
  readonly manifest: ModelManifest;
  readonly modelPath: string;
  readonly goldenPath: string;
}

/**
 * Reads a released model's manifest and refuses what the daemon cannot use.
 *
 * @throws ChirpdError `MODEL_MANIFEST` (missing or malformed), `MODEL_CHECKSUM` (the ONNX file is not the one that was
 *   released), `MODEL_CANVAS` (trained for another canvas contract)
 */
export function loadReleasedModel(directory: string): ReleasedModel {
  const path = join(directory, 'manifest.json');
  let manifest: ModelManifest;
  try {
    manifest = manifestSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new ChirpdError('MODEL_MANIFEST', `cannot use the model manifest ${path}: ${errorText(cause)}`, { cause });
  }
  if (!isDeepStrictEqual(manifest.canvas, CANVAS) || !isDeepStrictEqual(manifest.slotFields, [...SLOT_FIELDS])) {
    throw new ChirpdError(
      'MODEL_CANVAS',
      `${path} is of a model for another canvas contract than this daemon's; release it anew with models/training`,
    );
  }
  const modelPath = join(directory, manifest.file);
  const sha256 = readSha256(modelPath);
  if (sha256 !== manifest.sha256) {
    throw new ChirpdError('MODEL_CHECKSUM', `${modelPath} is not the file its manifest names; restore or reinstall it`);
  }
  return { manifest, modelPath, goldenPath: join(directory, manifest.golden.file) };
}

function readSha256(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch (cause) {
    throw new ChirpdError('MODEL_MANIFEST', `cannot read the model file ${path}: ${errorText(cause)}`, { cause });
  }
}

/** What a manifest names an adapter: a band profile, `base`, or a task of its own such as `painted`. */
export type AdapterName = string;

type ReleasedAdapter = ModelManifest['adapters'][number];

/**
 * The adapter of that name.
 * @throws ChirpdError `MODEL_ADAPTER` where the model has none, or only an untrained one
 */
export function adapterNamed(manifest: ModelManifest, name: AdapterName): ReleasedAdapter {
  const adapter = manifest.adapters.find((a) => a.name === name && a.trained);
  if (adapter !== undefined) return adapter;
  const names = manifest.adapters.filter(({ trained }) => trained).map((a) => a.name);
  throw new ChirpdError(
    'MODEL_ADAPTER',
    `the model ${manifest.name} has no trained adapter named ${name}; it has ${names.join(', ')}`,
  );
}

/** The adapter a band profile uses: its own where one was trained, else the base. */
export function adapterFor(manifest: ModelManifest, profile: ProfileName): ReleasedAdapter {
  return manifest.adapters.find((a) => a.name === profile && a.trained) ?? manifest.adapters[0];
}

export function modelIdentity(manifest: ModelManifest, profile: ProfileName): ModelIdentity {
  const adapter = adapterFor(manifest, profile);
  return { name: manifest.name, sha256: manifest.sha256, adapter: adapter.name, adapterSha256: adapter.sha256 };
}
