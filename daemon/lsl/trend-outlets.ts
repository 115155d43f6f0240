import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { LslOutlet, type OutletChannel } from '../../adapters/lsl/outlet.js';
import { errorText } from '../../pipelines/core/errors.js';
import type { TrendsMessage } from '../protocol/messages.js';
import type { Hub, HubReader, LiveMessage, LiveTopic } from '../server/hub.js';
import type { LslOutletsOptions } from './options.js';
import { LslStamps } from './stamp.js';

/** What a sample holds of each derivation, in this order. */
const TRENDS = [
  { label: 'delta', unit: 'dB', of: ({ deltaDb }: TrendsMessage) => deltaDb },
  { label: 'theta', unit: 'dB', of: ({ thetaDb }: TrendsMessage) => thetaDb },
  { label: 'alpha', unit: 'dB', of: ({ alphaDb }: TrendsMessage) => alphaDb },
  { label: 'beta', unit: 'dB', of: ({ betaDb }: TrendsMessage) => betaDb },
  { label: 'spectral edge', unit: 'Hz', of: ({ spectralEdgeHz }: TrendsMessage) => spectralEdgeHz },
  { label: 'suppression', unit: 'ratio', of: ({ suppressionRatio }: TrendsMessage) => suppressionRatio },
  { label: 'envelope lower', unit: 'microvolts', of: (message: TrendsMessage) => message.envelopeLowerMicrovolts },
  { label: 'envelope upper', unit: 'microvolts', of: (message: TrendsMessage) => message.envelopeUpperMicrovolts },
] as const;

/** The stream of one bed, with the derivations that it was made for. */
interface BedOutlet {
  readonly derivations: string;
  /** Resolves to undefined where it could not be started. */
  readonly outlet: Promise<LslOutlet | undefined>;
  started?: LslOutlet;
}

/** Offers the trends of each bed as a stream of its own, from the bed's first trends on. */
export class TrendOutlets implements HubReader {
  readonly #options: LslOutletsOptions;
  readonly #hub: Pick<Hub, 'addReader' | 'bed'>;
  readonly #log: Pick<Logger, 'error'>;
  readonly #stamps = new LslStamps();
  readonly #beds = new Map<string, BedOutlet>();
  readonly #removeFromHub: () => void;

  constructor(options: LslOutletsOptions, hub: Pick<Hub, 'addReader' | 'bed'>, log: Pick<Logger, 'error'>) {
    this.#options = options;
    this.#hub = hub;
    this.#log = log;
    this.#removeFromHub = hub.addReader(this);
  }

  wants(topic: LiveTopic): boolean {
    return topic === 'trends';
  }

  receive(message: LiveMessage): void {
    if (message.type !== 'trends') return;
    const derivations = this.#hub.bed(message.bed)?.info().derivations ?? [];
    if (derivations.length !== message.deltaDb.length) return;
    const key = derivations.join('\n');
    let bed = this.#beds.get(message.bed);
    if (bed?.derivations !== key) {
      if (bed !== undefined) void stop(bed);
      bed = this.#open(message.bed, derivations, key);
      this.#beds.set(message.bed, bed);
    }
    // What comes while the stream is being made is one second of trends.
    bed.started?.push(trendValues(message), this.#stamps.at(message.timeMicros));
  }

  bedGone(name: string): void {
    const bed = this.#beds.get(name);
    this.#beds.delete(name);
    if (bed !== undefined) void stop(bed);
  }

  async stop(): Promise<void> {
    this.#removeFromHub();
    await Promise.all(Array.from(this.#beds.values(), stop));
    this.#beds.clear();
  }

  #open(name: string, derivations: readonly string[], key: string): BedOutlet {
    const { name: first } = this.#options;
    const outlet = LslOutlet.start({
      name: `${first} trends ${name}`,
      type: 'Trends',
      format: 'float32',
      sampleRate: 0,
      sourceId: `${first}:${hostname()}:trends:${name}`,
      channels: trendChannels(derivations),
      desc: { bed: name },
      network: this.#options,
    }).catch((error: unknown) => {
      this.#log.error({ bed: name, error: errorText(error) }, 'Trends are not offered on LSL');
      return undefined;
    });
    const bed: BedOutlet = { derivations: key, outlet };
    void outlet.then((started) => {
      if (started !== undefined) bed.started = started;
    });
    return bed;
  }
}

async function stop({ outlet }: BedOutlet): Promise<void> {
  await (await outlet)?.stop();
}

function trendChannels(derivations: readonly string[]): readonly OutletChannel[] {
  return derivations.flatMap((derivation) =>
    TRENDS.map(({ label, unit }) => ({ label: `${derivation} ${label}`, type: 'Trend', unit })),
  );
}

function trendValues(message: TrendsMessage): readonly number[] {
  const lists = TRENDS.map(({ of }) => of(message));
  return message.deltaDb.flatMap((_, derivation) => lists.map((list) => list[derivation] ?? NaN));
}
