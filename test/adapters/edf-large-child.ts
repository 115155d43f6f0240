import { readFileSync } from 'node:fs';
import { edfAdapter } from '../../adapters/edf/adapter.js';
import { EdfFile } from '../../adapters/edf/file.js';
import { edfOptionsSchema } from '../../adapters/edf/options.js';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { blockLength } from '../../pipelines/core/signal.js';

/** What the child says about itself on standard output. */
export interface LargeFileReport {
  readonly openMs: number;
  readonly infoMs: number;
  readonly nSamples: number;
  readonly seconds: number;
  /** Highest resident memory of this process so far, bytes. */
  readonly peakBytes: number;
  /** Last byte of the last record. */
  readonly lastByte: number;
}

/** Not `resourceUsage().maxRSS`: that carries over what the parent had when it forked. */
function peakBytes(): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

const [path = '', nWantedText = '0'] = process.argv.slice(2);
const nWanted = Number(nWantedText);

const openedAt = performance.now();
const file = await EdfFile.open(path);
const openMs = performance.now() - openedAt;
const last = await file.readRecords(file.nRecords - 1, 1, new Uint8Array(file.header.recordBytes));
const lastByte = last[last.length - 1] ?? -1;
await file.close();

const startedAt = performance.now();
let infoMs = NaN;
let nSamples = 0;
await new Promise<void>((resolve, reject) => {
  const subscription = edfAdapter.open(edfOptionsSchema.parse({ path }), { pacer: fullSpeedPacer() }).subscribe({
    next: (item) => {
      if (item.type === 'info') infoMs = performance.now() - startedAt;
      if (item.type !== 'block') return;
      nSamples += blockLength(item);
      if (nSamples < nWanted) return;
      subscription.unsubscribe();
      resolve();
    },
    error: reject,
    complete: resolve,
  });
});
const report: LargeFileReport = {
  openMs,
  infoMs,
  nSamples,
  seconds: (performance.now() - startedAt) / 1000,
  peakBytes: peakBytes(),
  lastByte,
};
process.stdout.write(JSON.stringify(report));
