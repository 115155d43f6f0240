import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Adapter, readAdapter } from './adapter-stack.js';
import { ChirpdError, errorText } from '../pipelines/core/errors.js';
import { CANVAS } from '../pipelines/core/profile.js';

const adapterSchema = z.object({ name: z.string(), file: z.string(), sha256: z.string() });

const variantSchema = z.object({ kind: z.string(), file: z.string(), sha256: z.string(), tolerance: z.number() });

const manifestSchema = z.object({
  name: z.string(),
  formatVersion: z.literal(2),
  file: z.string(),
  sha256: z.string(),
  canvas: z.unknown(),
  slotFields: z.array(z.string()),
  inputs: z.object({ stack: z.tuple([z.literal('adapters'), z.int().positive()]) }),
  outputs: z.object({ slots: z.tuple([z.literal('batch'), z.int().positive(), z.int().positive()]) }),
  /** The first is `base`: the bare network. */
  adapters: z.tuple([adapterSchema.extend({ name: z.literal('base') })], adapterSchema),
  golden: z.object({ file: z.string(), canvases: z.int(), adapters: z.array(z.string()), tolerance: z.number() }),
  /** The same graph in another arithmetic; their golden outputs are those of the float32 one, within their tolerance. */
  variants: z.array(variantSchema).optional(),
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
  /** Of the variant that was asked for. */
  readonly modelPath: string;
  /** Hexadecimal. */
  readonly modelSha256: string;
  /** Files that a running daemon may have to read again; the manifest first. */
  readonly files: readonly string[];
  /** Largest difference from the golden outputs. */
  readonly tolerance: number;
  /** Golden slots of less presence are not compared. */
  readonly faintestGolden: number;
  readonly goldenPath: string;
  /** As released, in the manifest's order: `base` first. */
  readonly adapters: readonly [Adapter, ...Adapter[]];
}

/**
 * Reads a released model's manifest and refuses what the daemon cannot use.
 *
 * @param kind which arithmetic: `float32`, or a variant of the manifest
 * @throws ChirpdError `MODEL_MANIFEST` (missing or malformed, or without that variant), `MODEL_CHECKSUM` (an ONNX file or
 *   an adapter is not the one that was released), `MODEL_ADAPTER` (one that does not fit), `MODEL_CANVAS` (trained for
 *   another canvas contract)
 */
export function loadReleasedModel(directory: string, kind = 'float32'): ReleasedModel {
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
  const { variants = [], golden } = manifest;
  const graph =
    kind === 'float32' ? { ...manifest, ...golden, file: manifest.file } : variants.find((v) => v.kind === kind);
  if (graph === undefined) {
    const kinds = ['float32', ...variants.map((v) => v.kind)].join(', ');
    throw new ChirpdError('MODEL_MANIFEST', `the model ${manifest.name} has no variant ${kind}; it has ${kinds}`);
  }
  const modelPath = join(directory, graph.file);
  readChecked(modelPath, graph.sha256);
  const adapterOf = ({ name, file, sha256 }: z.infer<typeof adapterSchema>): Adapter =>
    readAdapter(name, readChecked(join(directory, file), sha256), manifest.inputs.stack[1]);
  const [base, ...others] = manifest.adapters;
  return {
    manifest,
    modelPath,
    modelSha256: graph.sha256,
    files: [
      path,
      modelPath,
      join(directory, golden.file),
      ...manifest.adapters.map(({ file }) => join(directory, file)),
    ],
    tolerance: graph.tolerance,
    faintestGolden: kind === 'float32' ? 0 : 0.5,
    goldenPath: join(directory, golden.file),
    adapters: [adapterOf(base), ...others.map(adapterOf)],
  };
}

function readChecked(path: string, sha256: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new ChirpdError('MODEL_MANIFEST', `cannot read the model file ${path}: ${errorText(cause)}`, { cause });
  }
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new ChirpdError('MODEL_CHECKSUM', `${path} is not the file its manifest names; restore or reinstall it`);
  return bytes;
}

/** What a manifest names an adapter: a band profile, `base`, or a task of its own such as `painted`. */
export type AdapterName = string;
