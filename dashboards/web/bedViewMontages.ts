import type { BedMontages, MontageName, OfferedMontage } from '../../daemon/protocol/messages.js';
import type { BedModel } from './bedModel.js';
import { asRecorded, type EegMontage, offered } from './bedViewMontage.js';

const KEY = 'chirpd.montage';
const NAMES: readonly MontageName[] = ['configured', 'bipolar', 'transverse', 'average', 'recorded'];
const ASK_AGAIN_MS = 2000;
const TIMEOUT_MS = 10_000;

/** `GET /v1/beds/{bed}/montages` */
export type ReadMontages = (bed: string) => Promise<BedMontages>;

/** Which montages a bed has, and which of them is chosen: the same for all beds, as far as they have it. */
export class BedViewMontages {
  readonly #bed: BedModel;
  readonly #read: ReadMontages;
  /** Another montage, or other channels. */
  onChange: () => void = () => undefined;
  #known: BedMontages | undefined;
  /** Of which stream they are known. */
  #knownOf = '';
  #chosen: MontageName = kept();
  #askAtMs = 0;
  readonly #made = new Map<string, EegMontage>();

  constructor(bed: BedModel, read: ReadMontages = readMontages) {
    this.#bed = bed;
    this.#read = read;
  }

  get all(): readonly OfferedMontage[] {
    return this.#known?.montages ?? [];
  }

  /** The one that is shown; undefined before it is known what there is. */
  get shown(): OfferedMontage | undefined {
    return offered(this.#known, this.#chosen);
  }

  /** How many channels the bed's source has, as far as that is known. */
  get nChannels(): number {
    return this.#known?.channels.length ?? this.#bed.info.derivations.length;
  }

  choose(name: MontageName): void {
    this.#chosen = name;
    keep(name);
    this.onChange();
  }

  /** The next one, or the one before. */
  step(step: 1 | -1): void {
    const { all } = this;
    const place = all.findIndex(({ name }) => name === this.shown?.name);
    const next = all[(place + step + all.length) % all.length];
    if (next !== undefined) this.choose(next.name);
  }

  /** Whether the montage that is shown can be made of these channels: those of another time may be others. */
  fits(channels: readonly string[]): boolean {
    return this.#known?.channels.join('\n') === channels.join('\n');
  }

  /** How derivations are made of channels: as they are where these are not the ones that the daemon told of. */
  montageFor(channels: readonly string[]): EegMontage {
    const shown = this.fits(channels) ? this.shown : undefined;
    const key = `${this.#knownOf}\n${shown?.name ?? ''}\n${channels.join('\n')}`;
    let montage = this.#made.get(key);
    if (montage === undefined) {
      montage = shown === undefined ? asRecorded(channels) : { ...shown, averaged: this.#known?.averaged ?? [] };
      this.#made.set(key, montage);
    }
    return montage;
  }

  /** Asks what there is, once for each stream of the bed. */
  refresh(nowMs: number): void {
    const { startTimeMicros, derivations } = this.#bed.info;
    const stream = `${String(startTimeMicros)}\n${derivations.join('\n')}`;
    if (stream === this.#knownOf || nowMs < this.#askAtMs || derivations.length === 0) return;
    this.#askAtMs = nowMs + ASK_AGAIN_MS;
    this.#read(this.#bed.name).then(
      (known) => {
        if (known.montages.length === 0) return;
        this.#known = known;
        this.#knownOf = stream;
        this.onChange();
      },
      // The daemon may be away: the connection says so, and this asks again.
      () => undefined,
    );
  }
}

const readMontages: ReadMontages = async (bed) => {
  const response = await fetch(`/v1/beds/${encodeURIComponent(bed)}/montages`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`the daemon answered ${String(response.status)}`);
  return (await response.json()) as BedMontages;
};

/** A browser may keep nothing for pages: then each view begins as configured. */
function kept(): MontageName {
  try {
    const name = localStorage.getItem(KEY);
    return NAMES.find((one) => one === name) ?? 'configured';
  } catch {
    return 'configured';
  }
}

function keep(name: MontageName): void {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // as above
  }
}
