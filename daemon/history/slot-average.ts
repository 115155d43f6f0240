import { CANVAS, type ProfileName } from '../../pipelines/core/profile.js';
import type { TrendFrame } from '../../pipelines/items.js';
import { byteOfDecibels } from '../decibel-bytes.js';
import { REGIONS, TREND_NAMES } from '../protocol/messages.js';
import type { RegionDerivations } from './regions.js';
import { RECORD_BYTES, sealRecord, writeRegion } from './slot-record.js';

/** Natural logarithm of a power ratio of one dB. */
const NEPERS = Math.LN10 / 10;
const SUPPRESSION = TREND_NAMES.indexOf('suppressionRatio');

/** What has come of one bed in one slot. Adding allocates nothing. */
export class SlotAverage {
  readonly #regions = REGIONS.map(() => new RegionAverage());
  #slot: number | undefined;
  #nColumns = 0;
  #isChanged = false;

  /** Undefined where none has begun. */
  get slot(): number | undefined {
    return this.#slot;
  }

  /** Whether anything has come since the newest `record`. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** Forgets what has come. @param slot undefined: none begins */
  begin(slot: number | undefined): void {
    this.#slot = slot;
    this.#nColumns = 0;
    this.#isChanged = false;
    for (const region of this.#regions) region.clear();
  }

  addColumn(decibels: readonly Float32Array[], derivations: RegionDerivations): void {
    this.#nColumns++;
    this.#isChanged = true;
    for (let r = 0; r < this.#regions.length; r++) this.#regions[r]!.addColumn(decibels, derivations[r]!);
  }

  /** @param isMissing per derivation, other than 0 where its newest column is none */
  addTrends(frame: TrendFrame, derivations: RegionDerivations, isMissing: Uint8Array): void {
    this.#isChanged = true;
    for (let r = 0; r < this.#regions.length; r++) this.#regions[r]!.addTrends(frame, derivations[r]!, isMissing);
  }

  /** As it stands on disk. */
  record(profile: ProfileName, streamStartMicros: number): Buffer {
    const record = Buffer.alloc(RECORD_BYTES);
    for (const [r, region] of this.#regions.entries()) region.write(record, r);
    const head = { profile, streamStartMicros, nColumns: this.#nColumns, writtenMs: Date.now() };
    sealRecord(record, { ...head, slot: this.#slot ?? 0 });
    this.#isChanged = false;
    return record;
  }
}

class RegionAverage {
  readonly #powers = new Float64Array(CANVAS.rows);
  readonly #trends = new Float64Array(TREND_NAMES.length);
  readonly #nOfTrend = new Uint32Array(TREND_NAMES.length);
  /** Columns of one derivation each. */
  #nPowers = 0;
  #nColumns = 0;
  #nTrends = 0;

  clear(): void {
    this.#powers.fill(0);
    this.#trends.fill(0);
    this.#nOfTrend.fill(0);
    this.#nPowers = this.#nColumns = this.#nTrends = 0;
  }

  addColumn(decibels: readonly Float32Array[], derivations: readonly number[]): void {
    const before = this.#nPowers;
    for (const derivation of derivations) {
      const rows = decibels[derivation];
      // A column is NaN in all its rows or in none.
      if (rows === undefined || !Number.isFinite(rows[0])) continue;
      for (let row = 0; row < CANVAS.rows; row++) this.#powers[row]! += Math.exp(rows[row]! * NEPERS);
      this.#nPowers++;
    }
    if (this.#nPowers > before) this.#nColumns++;
  }

  addTrends(frame: TrendFrame, derivations: readonly number[], isMissing: Uint8Array): void {
    let isAny = false;
    for (const derivation of derivations) {
      if (isMissing[derivation] !== 0) continue;
      isAny = true;
      const hasEnvelope = frame.envelopeUpperMicrovolts[derivation]! > 0;
      const isSuppressed = frame.suppressionRatio[derivation]! > 0;
      for (let i = 0; i < TREND_NAMES.length; i++) {
        // Zero says that there was no signal to measure, but where the signal itself is zero.
        if (i >= SUPPRESSION && !hasEnvelope && !(i === SUPPRESSION && isSuppressed)) continue;
        const value = frame[TREND_NAMES[i]!][derivation];
        if (value === undefined || !Number.isFinite(value)) continue;
        this.#trends[i]! += value;
        this.#nOfTrend[i]!++;
      }
    }
    if (isAny) this.#nTrends++;
  }

  write(record: Buffer, region: number): void {
    const rows = new Uint8Array(CANVAS.rows);
    if (this.#nPowers > 0)
      this.#powers.forEach((power, row) => (rows[row] = byteOfDecibels(10 * Math.log10(power / this.#nPowers))));
    const trends = this.#trends.map((sum, i) => sum / this.#nOfTrend[i]!);
    writeRegion(record, region, { nColumns: this.#nColumns, nTrends: this.#nTrends, rows }, trends);
  }
}
