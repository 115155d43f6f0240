import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import type { SpectrogramMessage, WaveformMessage } from '../../../daemon/protocol/messages.js';
import type { TimelineContent, TimelineDraft } from '../../../daemon/timeline/record.js';
import { eventDraft } from '../timeline/drafts.js';
import { TestClient, startServer } from './harness.js';

t.setTimeout(120_000);

const LIMITS = {
  waveformBufferBytes: 100_000,
  liveBufferBytes: 200_000,
  eventBufferBytes: 300_000,
  slowClientMs: 500,
};
/** About 4 KB on the wire: the system's own buffers hold some 10 MB. */
function wideEventDraft(i: number): TimelineDraft {
  const draft = eventDraft(i);
  const derivations = Array.from({ length: 128 }, (_, k) => ({ label: `contact-${String(k)}`, score: 0.5 + k / 1000 }));
  return { ...draft, content: { ...draft.content, derivations } as TimelineContent };
}

const AT = 1_700_000_000_000_000;

function waveform(bytes: number): WaveformMessage {
  return {
    type: 'waveform',
    bed: 'bed-1',
    timeMicros: AT,
    sampleRate: 1,
    nSamples: 1,
    microvolts: new Uint8Array(bytes),
  };
}

function spectrogram(column: number): SpectrogramMessage {
  const decibels = new Uint8Array(4096);
  return {
    type: 'spectrogram',
    bed: 'bed-1',
    profile: 'slow',
    column,
    timeMicros: AT,
    rowHz: 1,
    hopSeconds: 1,
    decibels,
  };
}

t.test('a slow client loses waveform first, then spectrogram, and is told how much', async (t) => {
  const { server, hub } = await startServer(t, { limits: LIMITS });
  const slow = await TestClient.open(server);
  const quick = await TestClient.open(server);
  await slow.subscribe({ topics: ['waveform', 'spectrogram'] });
  await quick.subscribe({ topics: ['spectrogram'] });
  slow.socket.pause();
  // Fills the system's buffers, then the daemon's up to the limit for waveform.
  let nWaveforms = 0;
  for (; nWaveforms < 400; nWaveforms++) {
    hub.publish(waveform(50_000));
    if (nWaveforms % 10 === 0) await setTimeout(1);
  }
  for (let column = 0; column < 100; column++) hub.publish(spectrogram(column));
  await quick.until(() => quick.of('spectrogram').length === 100);
  hub.publish(waveform(10));
  nWaveforms++;

  slow.socket.resume();
  await slow.until(() => new Set(slow.of('dropped').map(({ topic }) => topic)).size === 2);
  hub.publish(waveform(10));
  nWaveforms++;
  await slow.until(() => (slow.of('waveform').at(-1)?.microvolts.length ?? 0) === 10);
  const dropped = (topic: string): number =>
    slow.of('dropped').reduce((sum, message) => sum + (message.topic === topic ? message.nMessages : 0), 0);
  t.equal(slow.of('waveform').length + dropped('waveform'), nWaveforms, 'all are told of or sent');
  t.equal(slow.of('spectrogram').length + dropped('spectrogram'), 100);
  t.ok(dropped('waveform') > 200, `${String(dropped('waveform'))} waveform messages left out`);
  const nColumns = slow.of('spectrogram').length;
  t.ok(nColumns >= 10 && nColumns < 50, `${String(nColumns)} columns sent where waveform was full`);
  t.same(quick.of('dropped'), [], 'nobody else is held up');
});

t.test('a client that takes no events is closed with 4429 and resumes without loss', async (t) => {
  const { server, timeline } = await startServer(t, { limits: LIMITS });
  const nEvents = 8000;
  const slow = await TestClient.open(server);
  await slow.subscribe({ topics: ['events', 'waveform'] });
  slow.socket.pause();
  const before = process.memoryUsage.rss();
  for (let first = 0; first < nEvents; first += 200) {
    await Promise.all(Array.from({ length: 200 }, (_, i) => timeline.append(wideEventDraft(first + i))));
  }
  await setTimeout(1500);
  t.ok(process.memoryUsage.rss() - before < 200e6, 'what waits, waits on disk');
  slow.socket.resume();
  t.match(await slow.closed, { code: 4429, reason: /since/ });
  const nSent = slow.cursors.length;
  t.ok(nSent > 0 && nSent < nEvents, `${String(nSent)} of ${String(nEvents)} were sent`);

  const resumed = await TestClient.open(server);
  await resumed.subscribe({ topics: ['events'], since: nSent });
  await resumed.until(() => resumed.cursors.at(-1) === nEvents);
  t.same(
    [...slow.cursors, ...resumed.cursors],
    Array.from({ length: nEvents }, (_, i) => i + 1),
  );
});

t.test('a client that is slow but goes on taking events is not closed', async (t) => {
  const { server, timeline } = await startServer(t, { limits: { ...LIMITS, slowClientMs: 2000 } });
  const nEvents = 12_000;
  await Promise.all(Array.from({ length: nEvents }, (_, i) => timeline.append(eventDraft(i))));
  const client = await TestClient.open(server);
  await client.subscribe({ topics: ['events'], since: 0 });
  const startMs = performance.now();
  while (client.cursors.length < nEvents && client.socket.readyState === client.socket.OPEN) {
    client.socket.pause();
    await setTimeout(400);
    client.socket.resume();
    const nBefore = client.messages.length;
    await client.until(() => client.messages.length > nBefore + 1000 || client.cursors.length === nEvents);
  }
  t.ok(performance.now() - startMs > 2000, 'it took longer than the limit for one that takes nothing');
  t.equal(client.cursors.length, nEvents);
});

t.test('a client that sends without reading the answers is cut off', async (t) => {
  const { server } = await startServer(t, {
    limits: { ...LIMITS, eventBufferBytes: 10_000, subscribesPerMinute: 1e6 },
  });
  const client = await TestClient.open(server);
  client.socket.pause();
  const beds = Array.from({ length: 100 }, (_, i) => `${'b'.repeat(100)}${String(i)}`);
  for (let i = 0; i < 3000 && server.nClients === 1; i++) {
    client.send({ type: 'subscribe', topics: ['trends'], beds });
    if (i % 20 === 0) await setTimeout(1);
  }
  client.socket.resume();
  t.equal((await client.closed).code, 4429);
});
