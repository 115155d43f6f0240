import type { Observable } from 'rxjs';
import type { z } from 'zod';
import { ChirpdError } from '../pipelines/core/errors.js';
import type { AdapterItem } from '../pipelines/core/signal.js';
import type { Adapter, FindDevices, OpenContext } from './adapter.js';
import { bisVistaOptionsSchema } from './bis-vista/options.js';
import { brainVisionOptionsSchema } from './brainvision/options.js';
import { csvOptionsSchema } from './csv/options.js';
import { cytonOptionsSchema } from './cyton/options.js';
import { edfOptionsSchema } from './edf/options.js';
import { freeEeg32OptionsSchema } from './freeeeg32/options.js';
import { modularEegOptionsSchema } from './modulareeg/options.js';
import { lslOptionsSchema } from './lsl/options.js';
import { openBciTextOptionsSchema } from './openbci-text/options.js';
import { isOpenBciText } from './openbci-text/recognise.js';
import { pushOptionsSchema } from './push/options.js';
import { stdinOptionsSchema } from './raw/stdin-options.js';
import { tcpOptionsSchema } from './raw/tcp-options.js';
import { syntheticOptionsSchema } from './synthetic/options.js';
import { sessionOptionsSchema } from './session/options.js';
import { xdfOptionsSchema } from './xdf/options.js';

/** One kind of source: its options, and how to load the code that serves it. */
export interface AdapterEntry<Schema extends z.ZodObject = z.ZodObject> {
  /** For people, a few words. */
  readonly title: string;
  /** Type, default, bounds and help text of each option; unknown keys are refused. */
  readonly optionsSchema: Schema;
  readonly load: () => Promise<Adapter<Readonly<z.output<Schema>>>>;
  /** True for a device: it cannot wait, and chirpd opens it again when it is lost. A file or generator is not. */
  readonly isLive?: true;
  /** True where the samples come when they come, and no `speed` applies. A device is so anyway. */
  readonly setsItsPace?: true;
  /** Endings of the files that `chirpd replay` reads with this kind, lower case with the dot. */
  readonly fileEndings?: readonly string[];
  /** Where kinds share an ending: whether a file that begins like this is of this kind. One of them may take the rest. */
  readonly recognises?: (beginning: string) => boolean;
  /** How to look for devices of this kind. */
  readonly loadFind?: () => Promise<FindDevices>;
}

function entry<Schema extends z.ZodObject>(adapterEntry: AdapterEntry<Schema>): AdapterEntry<Schema> {
  return adapterEntry;
}

/** Every kind of source that chirpd can read. The code of a kind is loaded when a bed first uses it. */
export const ADAPTERS = {
  'bis-vista': entry({
    title: 'BIS Vista monitor over a serial port (experimental)',
    optionsSchema: bisVistaOptionsSchema,
    isLive: true,
    load: async () => (await import('./bis-vista/adapter.js')).bisVistaAdapter,
  }),
  cyton: entry({
    title: 'OpenBCI Cyton or Cyton with Daisy over its USB dongle',
    optionsSchema: cytonOptionsSchema,
    isLive: true,
    load: async () => (await import('./cyton/adapter.js')).cytonAdapter,
    loadFind: async () => (await import('./cyton/find.js')).findCyton,
  }),
  edf: entry({
    title: 'Replay of an EDF, EDF+, BDF or BDF+ recording',
    optionsSchema: edfOptionsSchema,
    fileEndings: ['.edf', '.bdf', '.rec'],
    load: async () => (await import('./edf/adapter.js')).edfAdapter,
  }),
  brainvision: entry({
    title: 'Replay of a BrainVision recording (.vhdr with .eeg and .vmrk)',
    optionsSchema: brainVisionOptionsSchema,
    fileEndings: ['.vhdr'],
    load: async () => (await import('./brainvision/adapter.js')).brainVisionAdapter,
  }),
  xdf: entry({
    title: 'Replay of the EEG of an XDF recording (Lab Streaming Layer)',
    optionsSchema: xdfOptionsSchema,
    fileEndings: ['.xdf', '.xdfz', '.xdf.gz'],
    load: async () => (await import('./xdf/adapter.js')).xdfAdapter,
  }),
  'openbci-text': entry({
    title: 'Replay of a raw text file of the OpenBCI GUI, old or new',
    optionsSchema: openBciTextOptionsSchema,
    fileEndings: ['.txt', '.csv'],
    recognises: isOpenBciText,
    load: async () => (await import('./openbci-text/adapter.js')).openBciTextAdapter,
  }),
  csv: entry({
    title: 'Replay of a table of samples as text (CSV, TSV) with a line of names',
    optionsSchema: csvOptionsSchema,
    fileEndings: ['.csv', '.tsv', '.txt'],
    load: async () => (await import('./csv/adapter.js')).csvAdapter,
  }),
  session: entry({
    title: 'Replay of consecutive recordings as one stream',
    optionsSchema: sessionOptionsSchema,
    load: async () => (await import('./session/adapter.js')).sessionAdapter(openAdapter),
  }),
  push: entry({
    title: 'Pushed to the daemon by a program or a bedside gateway, over WebSocket',
    optionsSchema: pushOptionsSchema,
    isLive: true,
    load: async () => (await import('./push/adapter.js')).pushAdapter,
  }),
  lsl: entry({
    title: 'Lab Streaming Layer: an EEG stream on the network',
    optionsSchema: lslOptionsSchema,
    isLive: true,
    load: async () => (await import('./lsl/adapter.js')).lslAdapter,
    loadFind: async () => (await import('./lsl/find.js')).findLslStreams,
  }),
  freeeeg32: entry({
    title: 'FreeEEG32 over USB',
    optionsSchema: freeEeg32OptionsSchema,
    isLive: true,
    load: async () => (await import('./freeeeg32/adapter.js')).freeEeg32Adapter,
    loadFind: async () => (await import('./freeeeg32/find.js')).findFreeEeg32,
  }),
  modulareeg: entry({
    title: 'ModularEEG of the OpenEEG project (P2) over a serial port',
    optionsSchema: modularEegOptionsSchema,
    isLive: true,
    load: async () => (await import('./modulareeg/adapter.js')).modularEegAdapter,
  }),
  stdin: entry({
    title: 'Samples on standard input, as a program in the shell writes them',
    optionsSchema: stdinOptionsSchema,
    setsItsPace: true,
    load: async () => (await import('./raw/stdin-adapter.js')).stdinAdapter,
  }),
  synthetic: entry({
    title: 'Seeded synthetic EEG with chirps of known parameters',
    optionsSchema: syntheticOptionsSchema,
    load: async () => (await import('./synthetic/adapter.js')).syntheticAdapter,
  }),
  tcp: entry({
    title: 'Samples that a program sends to a TCP port, without any protocol',
    optionsSchema: tcpOptionsSchema,
    isLive: true,
    load: async () => (await import('./raw/tcp-adapter.js')).tcpAdapter,
  }),
};

export type AdapterKind = keyof typeof ADAPTERS;
/** Options of a kind as a person writes them, defaults left out. */
export type AdapterInput<Kind extends AdapterKind> = Readonly<z.input<(typeof ADAPTERS)[Kind]['optionsSchema']>>;

export const ADAPTER_KINDS = Object.keys(ADAPTERS) as [AdapterKind, ...AdapterKind[]];

export function isAdapterKind(kind: string): kind is AdapterKind {
  return Object.hasOwn(ADAPTERS, kind);
}

/** Whether a kind is a device, which chirpd opens again when it is lost. */
export function isLiveKind(kind: string): boolean {
  return entryOf(kind)?.isLive === true;
}

/** Whether `speed` has no meaning for a kind: its samples come when they come. */
export function setsItsPace(kind: string): boolean {
  const found = entryOf(kind);
  return found?.isLive === true || found?.setsItsPace === true;
}

function entryOf(kind: string): AdapterEntry | undefined {
  const entries: Readonly<Record<string, AdapterEntry>> = ADAPTERS;
  return isAdapterKind(kind) ? entries[kind] : undefined;
}

/**
 * Checks options and loads the adapter; the Observable is cold as every adapter's.
 * @throws ChirpdError ADAPTER_KIND (no such kind), ADAPTER_OPTIONS (each wrong option by name)
 */
export async function openAdapter(
  kind: string,
  input: unknown,
  context: OpenContext,
): Promise<Observable<AdapterItem>> {
  if (!isAdapterKind(kind)) {
    throw new ChirpdError('ADAPTER_KIND', `there is no adapter "${kind}"; there are ${ADAPTER_KINDS.join(', ')}`);
  }
  return openEntry(kind, ADAPTERS[kind], input, context);
}

async function openEntry(
  kind: string,
  { optionsSchema, load }: AdapterEntry,
  input: unknown,
  context: OpenContext,
): Promise<Observable<AdapterItem>> {
  const parsed = optionsSchema.safeParse(input);
  if (!parsed.success) {
    const told = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'options'}: ${message}`);
    throw new ChirpdError('ADAPTER_OPTIONS', `options of adapter "${kind}" are wrong: ${told.join('; ')}`);
  }
  return (await load()).open(parsed.data, context);
}
