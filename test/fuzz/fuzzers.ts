import { fuzzEdf } from '../adapters/edf-fuzz.js';
import { fuzzBrainVision, fuzzCsv, fuzzOpenBciText, fuzzXdf } from '../adapters/formats-fuzz.js';
import type { FuzzReport } from '../adapters/fuzz-outcome.js';
import { serialFuzzer } from '../adapters/serial-fuzz.js';
import { serialPortFuzzer } from '../adapters/serial-port-fuzz.js';
import { configFuzzer } from '../daemon/config/config-fuzz.js';
import { HttpFuzzer } from '../daemon/server/http-fuzz.js';
import { IngestFuzzer } from '../daemon/server/ingest-fuzz.js';
import { fuzzWebSocket } from '../daemon/server/websocket-fuzz.js';
import { FuzzFailure } from './fuzz-failure.js';
import type { Fuzzer } from './fuzz-batch.js';
import type { FuzzerName } from './plan.js';

type FuzzFiles = (nFiles: number, seed: number, onInput: (number: number) => void) => Promise<FuzzReport>;

function files(fuzz: FuzzFiles): () => Promise<Fuzzer> {
  return () =>
    Promise.resolve({
      run: async ({ nInputs, seed, onInput }) => {
        const { nRead, refusedByCode, slowestMs } = await fuzz(nInputs, seed, onInput);
        return { counts: { read: nRead, ...refusedByCode }, slowestMs };
      },
    });
}

const webSocket: Fuzzer = {
  run: async ({ nInputs, seed, onInput }) => {
    const { nSubscribed, nClosed, nWithoutError } = await fuzzWebSocket(nInputs, seed, onInput);
    if (nWithoutError > 0) throw new FuzzFailure(nInputs, '', `${String(nWithoutError)} were refused without an error`);
    const closed = [...nClosed].map(([code, n]) => [`closed with ${String(code)}`, n] as const);
    return { counts: { subscribed: nSubscribed, ...Object.fromEntries(closed) }, slowestMs: 0 };
  },
};

export const FUZZERS: Readonly<Record<FuzzerName, () => Promise<Fuzzer>>> = {
  http: () => HttpFuzzer.start(),
  websocket: () => Promise.resolve(webSocket),
  ingest: () => IngestFuzzer.start(),
  serial: () => Promise.resolve(serialFuzzer),
  'serial-port': () => Promise.resolve(serialPortFuzzer),
  edf: files(fuzzEdf),
  config: () => Promise.resolve(configFuzzer),
  brainvision: files(fuzzBrainVision),
  xdf: files(fuzzXdf),
  'openbci-text': files(fuzzOpenBciText),
  csv: files(fuzzCsv),
};
