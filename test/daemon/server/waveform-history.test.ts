import t from 'tap';
import { decodeWaveformHistory, microvoltsOf } from '../../../daemon/protocol/codec.js';
import type { StreamInfo } from '../../../pipelines/core/signal.js';
import { KeptBed, waves } from '../waveforms/kept-bed.js';
import { BED, startServer } from './harness.js';

const PATH = '/v1/beds/bed-1/waveform';
const START = BED.startTimeMicros;
const INFO: StreamInfo = {
  type: 'info',
  channels: BED.derivations.map((label) => ({ label, sourceLabel: label })),
  leftOut: [],
  sampleRate: 256,
  startTimeMicros: START,
  source: 'test',
};

t.test('the EEG of a bed, as one document', async (t) => {
  const bed = await KeptBed.start(t);
  await bed.take([INFO, ...waves(INFO, 0, 5)]);
  const { server, hub } = await startServer(t, { waveforms: bed.waveforms });
  hub.addBed({ name: BED.bed, info: () => bed.info });
  const response = await fetch(new URL(`${PATH}?from=${START + 1e6}&seconds=2.5`, server.url));
  t.equal(response.status, 200);
  t.equal(response.headers.get('content-type'), 'application/vnd.msgpack');
  t.equal(response.headers.get('cache-control'), 'no-store');
  const { pieces, ...rest } = decodeWaveformHistory(new Uint8Array(await response.arrayBuffer()));
  t.strictSame(rest, {
    type: 'waveformHistory',
    bed: 'bed-1',
    fromTimeMicros: START + 1e6,
    untilTimeMicros: START + 3.5e6,
    derivations: BED.derivations,
    sampleRate: 256,
  });
  t.match(pieces, [{ timeMicros: START + 1e6, nSamples: 640 }]);
  t.equal(microvoltsOf(pieces[0]!.microvolts).length, 2 * 640);
  t.equal((await fetch(new URL(`${PATH}?from=0&seconds=60`, server.url), { method: 'HEAD' })).status, 200);
  const many = await Promise.all(
    Array.from({ length: 40 }, () => fetch(new URL(`${PATH}?from=${START}&seconds=60`, server.url))),
  );
  for (const one of many)
    t.match(decodeWaveformHistory(new Uint8Array(await one.arrayBuffer())), { pieces: [{ nSamples: 1280 }] });
});

t.test('where nothing is kept, and what cannot be asked', async (t) => {
  const { server, hub } = await startServer(t);
  hub.addBed({ name: BED.bed, info: () => BED });
  const replay = { ...BED, bed: 'Replay 1: x', replay: { id: '1', run: 1 } };
  hub.addBed({ name: replay.bed, info: () => replay });
  const empty = await fetch(new URL(`${PATH}?from=5&seconds=60`, server.url));
  t.strictSame(decodeWaveformHistory(new Uint8Array(await empty.arrayBuffer())), {
    type: 'waveformHistory',
    bed: 'bed-1',
    fromTimeMicros: 5,
    untilTimeMicros: 60_000_005,
    derivations: BED.derivations,
    sampleRate: 256,
    pieces: [],
  });
  const expected: [method: string, path: string, status: number, code: string, message: RegExp][] = [
    ['GET', '/v1/beds/nobody/waveform?from=0&seconds=1', 404, 'PROTOCOL_NOT_FOUND', /no bed nobody/],
    ['GET', '/v1/beds/Replay%201%3A%20x/waveform?from=0&seconds=1', 404, 'PROTOCOL_NOT_FOUND', /is a replay/],
    ['GET', PATH, 400, 'PROTOCOL_BAD_QUERY', /from: .*seconds: /],
    ['GET', `${PATH}?from=0&seconds=60.1`, 400, 'PROTOCOL_BAD_QUERY', /seconds: .*60/],
    ['GET', `${PATH}?from=0&seconds=0`, 400, 'PROTOCOL_BAD_QUERY', /seconds: .*0/],
    ['GET', `${PATH}?from=0&seconds=-1`, 400, 'PROTOCOL_BAD_QUERY', /seconds/],
    ['GET', `${PATH}?from=0&seconds=1e1`, 400, 'PROTOCOL_BAD_QUERY', /seconds/],
    ['GET', `${PATH}?from=0.5&seconds=1`, 400, 'PROTOCOL_BAD_QUERY', /from/],
    ['GET', `${PATH}?from=0&from=1&seconds=1`, 400, 'PROTOCOL_BAD_QUERY', /from/],
    ['GET', `${PATH}?from=0&seconds=1&colour=blue`, 400, 'PROTOCOL_BAD_QUERY', /colour/],
    ['POST', PATH, 405, 'PROTOCOL_METHOD_NOT_ALLOWED', /GET, HEAD/],
  ];
  for (const [method, path, status, code, message] of expected) {
    const response = await fetch(new URL(path, server.url), { method });
    t.equal(response.status, status, `${method} ${path}`);
    t.match(await response.json(), { error: { code, message } }, `${method} ${path}`);
  }
});
