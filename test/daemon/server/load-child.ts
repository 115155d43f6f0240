import { setTimeout as sleep } from 'node:timers/promises';
import type { SpectrogramMessage, WaveformMessage } from '../../../daemon/protocol/messages.js';
import { eventDraft } from '../timeline/drafts.js';
import { startBareServer } from './harness.js';

/** A server in a process of its own: stores events, says its port, and goes on telling. Arguments: `LoadOptions` as JSON. */
export interface LoadOptions {
  /** Events that are there before anybody comes. */
  readonly nStored: number;
  readonly eventsPerSecond: number;
  /** Beds whose waveform and columns are told as those of 19 derivations at 256 Hz are. */
  readonly nBeds: number;
}

const N_DERIVATIONS = 19;
const RATE = 256;
const PER_SECOND = 4;
const FILL_BATCH = 2000;

const { nStored, eventsPerSecond, nBeds } = JSON.parse(process.argv[2] ?? '') as LoadOptions;
const { server, timeline, hub } = await startBareServer();
for (let from = 0; from < nStored; from += FILL_BATCH) {
  const n = Math.min(FILL_BATCH, nStored - from);
  await Promise.all(Array.from({ length: n }, (_, i) => timeline.append(eventDraft(from + i))));
}
process.stdout.write(`${String(server.port)}\n`);

let n = nStored;
setInterval(() => void timeline.append(eventDraft(n++)), 1000 / eventsPerSecond);
const microvolts = new Uint8Array((N_DERIVATIONS * RATE * 4) / PER_SECOND);
const decibels = new Uint8Array(N_DERIVATIONS * 128);
for (let tick = 0; nBeds > 0; tick++) {
  for (let b = 0; b < nBeds; b++) {
    const common = { bed: `bed-${String(b)}`, timeMicros: Date.now() * 1000 };
    const waveform: WaveformMessage = {
      ...{ type: 'waveform', ...common, sampleRate: RATE, nSamples: RATE / PER_SECOND, microvolts },
    };
    hub.publish(waveform);
    const column: SpectrogramMessage = {
      ...{ type: 'spectrogram', ...common, profile: 'slow', column: tick, rowHz: 0.125, hopSeconds: 0.46875, decibels },
    };
    if (tick % 2 === 0) hub.publish(column);
  }
  await sleep(1000 / PER_SECOND);
}
