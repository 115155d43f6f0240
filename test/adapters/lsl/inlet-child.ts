import { fullSpeedPacer } from '../../../adapters/pacer.js';
import { reconnecting } from '../../../adapters/reconnect.js';
import { openAdapter } from '../../../adapters/registry.js';
import { blockLength, type ClockReading } from '../../../pipelines/core/signal.js';

/** What the child tells when it has heard enough. */
export interface InletReport {
  readonly nSamples: number;
  /** Samples that are not the one after the one before, or whose channels do not belong together. */
  readonly nWrong: number;
  readonly nLost: number;
  /** Lengths of gaps by breaks of the connection, in seconds. */
  readonly disconnectedSeconds: readonly number[];
  /** Of these, farthest from what the outlets' own time stamps say, in samples. */
  readonly worstGapSamples: number;
  readonly nErrors: number;
  readonly seconds: number;
  /** Share of one core, from the first block on. */
  readonly cpuShare: number;
  readonly residentMegabytes: number;
  /** Of the clock readings: farthest from the line start + sample / rate, in milliseconds. */
  readonly worstReadingMs: number;
}

const [optionsText = '{}', nWantedText = '0', step = '0.5', cycle = '5000'] = process.argv.slice(2);
const nWanted = Number(nWantedText);
const span = Number(step) * Number(cycle);

let nSamples = 0;
let nWrong = 0;
let nLost = 0;
let nErrors = 0;
let startMicros = NaN;
let sampleRate = NaN;
let previous: number | undefined;
let startedAt = NaN;
let cpuAtStart = process.cpuUsage();
let worstReadingMs = 0;
let worstGapSamples = 0;
let readingBefore: ClockReading | undefined;
const disconnectedSeconds: number[] = [];

function check(samples: readonly Float32Array[], length: number): void {
  for (let i = 0; i < length; i++) {
    const value = samples[0]![i]!;
    let isRight = previous === undefined || value === (previous + Number(step)) % span;
    for (let channel = 1; channel < samples.length; channel++) isRight &&= samples[channel]![i] === value + channel;
    if (!isRight) nWrong++;
    previous = value;
  }
}

/** Both outlets stamp by the clock of this machine. */
function checkGap(reading: ClockReading): void {
  if (readingBefore !== undefined) {
    const byStamps = ((reading.deviceMicros! - readingBefore.deviceMicros!) / 1e6) * sampleRate;
    worstGapSamples = Math.max(worstGapSamples, Math.abs(reading.sample - readingBefore.sample - byStamps));
  }
  readingBefore = reading;
}

function read({ sample, hostMicros }: ClockReading): void {
  const offMs = (hostMicros - startMicros - (sample / sampleRate) * 1e6) / 1000;
  if (disconnectedSeconds.length === 0) worstReadingMs = Math.max(worstReadingMs, Math.abs(offMs));
}

await new Promise<void>((resolve) => {
  const subscription = reconnecting({
    open: () => openAdapter('lsl', JSON.parse(optionsText), { pacer: fullSpeedPacer() }),
    onLost: () => nErrors++,
  }).subscribe((item) => {
    if (item.type === 'info') {
      ({ startTimeMicros: startMicros, sampleRate } = item);
      process.stdout.write('{"type":"streaming"}\n');
    } else if (item.type === 'clock') {
      read(item);
      checkGap(item);
    } else if (item.type === 'gap') {
      if (item.reason === 'disconnected') {
        previous = undefined;
        disconnectedSeconds.push(item.nSamples / sampleRate);
      } else {
        nLost += item.nSamples;
        if (previous !== undefined) previous = (previous + item.nSamples * Number(step)) % span;
      }
    } else if (item.type === 'block') {
      if (Number.isNaN(startedAt)) {
        startedAt = performance.now();
        cpuAtStart = process.cpuUsage();
      }
      nSamples += blockLength(item);
      check(item.samples, blockLength(item));
      if (nSamples < nWanted) return;
      subscription.unsubscribe();
      resolve();
    }
  });
  process.on('SIGTERM', () => {
    subscription.unsubscribe();
    resolve();
  });
});

const seconds = (performance.now() - startedAt) / 1000;
const { user, system } = process.cpuUsage(cpuAtStart);
const report: InletReport = {
  nSamples,
  nWrong,
  nLost,
  disconnectedSeconds,
  worstGapSamples,
  nErrors,
  seconds,
  cpuShare: (user + system) / 1e6 / seconds,
  residentMegabytes: process.memoryUsage().rss / 2 ** 20,
  worstReadingMs,
};
process.stdout.write(`${JSON.stringify({ type: 'report', ...report })}\n`);
