import type { Readable } from 'node:stream';
import type { Observable } from 'rxjs';
import type { AdapterItem, SourcePosition } from '../pipelines/core/signal.js';
import type { PushSlot } from './push/push-slot.js';

/**
 * Holds a file or generator back. Devices that cannot wait ignore it. `due(streamSeconds)` resolves when the sample at
 * that stream time may be emitted: at once at full speed, when its time has come at speed N, and never before the
 * pipeline behind has room. A rejected promise ends the stream with that error.
 */
export interface Pacer {
  due(streamSeconds: number): Promise<void>;
}

/** Where an earlier process was with a source: `position` of the source is that at `sample`, and `nextSample` comes now. */
export interface ResumePoint {
  readonly position: SourcePosition;
  readonly nextSample: number;
}

export interface OpenContext {
  readonly pacer: Pacer;
  /** Where the pushers of this bed arrive: what kind `push` reads. */
  readonly pushSlot?: PushSlot;
  /** The stream goes on where an earlier process was. */
  readonly resumeAt?: ResumePoint;
  /** Resolves when all that was emitted so far outlives the process. Left out: nothing does, and nobody waits for it. */
  readonly kept?: () => Promise<void>;
  /** Standard input of the process: what kind `stdin` reads. */
  readonly stdin?: Readable;
  /** Where to begin, seconds from sample 0: what lies before is left out, and the rest keeps its numbers. Only files can. */
  readonly fromSeconds?: number;
  /** Told what the stream waits for, for people; '' when it waits for nothing. Never called after unsubscribing. */
  readonly tell?: (waitingFor: string) => void;
}

/**
 * A kind of source. `open` returns a cold Observable: subscribing opens the device or file, unsubscribing closes it,
 * and each subscription is a stream of its own that starts with one `StreamInfo`. A stream that cannot go on errors
 * with a `ChirpdError` (`ADAPTER_...`, `EDF_...`); reconnecting is up to whoever subscribed.
 */
export interface Adapter<Options, Item extends AdapterItem = AdapterItem> {
  readonly kind: string;
  open(options: Options, context: OpenContext): Observable<Item>;
}

/** A device that can be opened now. */
export interface FoundDevice {
  /** For people: what it is and where. */
  readonly title: string;
  /** Options of its adapter that open this device, as they stand in a config file. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Looks for devices, for at most a few seconds. @throws ChirpdError where looking itself is impossible */
export type FindDevices = (signal: AbortSignal) => Promise<readonly FoundDevice[]>;
