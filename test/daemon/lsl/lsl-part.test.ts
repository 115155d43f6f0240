import { setTimeout as sleep } from 'node:timers/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { lslClock } from '../../../adapters/lsl/lsl-clock.js';
import { lslPart } from '../../../daemon/lsl/lsl-part.js';
import { lslOutletsSchema } from '../../../daemon/lsl/options.js';
import type { BedInfo, TrendsMessage } from '../../../daemon/protocol/messages.js';
import { Hub } from '../../../daemon/server/hub.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';
import { Laboratory, type LiblslProgram } from '../../adapters/lsl/liblsl.js';
import { skipWithoutPeers } from '../../adapters/python-peers.js';
import { BED } from '../server/harness.js';
import { eventDraft, gapDraft } from '../timeline/drafts.js';

interface Sample {
  readonly values: readonly (string | number)[];
  readonly stamp: number;
}

async function ask(inlet: LiblslProgram, command: object): Promise<Record<string, unknown>> {
  inlet.tell(JSON.stringify(command));
  return inlet.told();
}

async function pull(inlet: LiblslProgram, n: number): Promise<readonly Sample[]> {
  return (await ask(inlet, { pull: n }))['samples'] as readonly Sample[];
}

function trends(bed: string, timeMicros: number, nDerivations: number): TrendsMessage {
  const list = (from: number): readonly number[] => Array.from({ length: nDerivations }, (_, i) => from + i / 2);
  return {
    type: 'trends',
    bed,
    timeMicros,
    deltaDb: list(10),
    thetaDb: list(20),
    alphaDb: list(30),
    betaDb: list(40),
    spectralEdgeHz: list(5),
    suppressionRatio: list(0),
    envelopeLowerMicrovolts: list(6),
    envelopeUpperMicrovolts: list(7),
  };
}

void t.test('liblsl reads what the daemon offers', { skip: skipWithoutPeers() }, async (t) => {
  const lab = new Laboratory();
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-lsl-part-'));
  const timeline = await Timeline.open(folder);
  const hub = new Hub();
  let info: BedInfo = BED;
  hub.addBed({ name: BED.bed, info: () => info });
  const complaints: unknown[] = [];
  const log = {
    info: () => undefined,
    error: (...what: readonly unknown[]) => {
      complaints.push(what);
    },
  };
  const options = lslOutletsSchema.parse({ events: true, trends: true, name: 'ward', ...lab.network });
  const part = lslPart({ options, timeline: () => timeline, hub, log });
  await part.start(new AbortController().signal);
  t.teardown(async () => {
    await part.stop();
    await timeline.close();
    await lab.stop();
    rmSync(folder, { recursive: true });
  });

  await t.test('chirps are markers, stamped with the time of what they tell', async (t) => {
    const inlet = lab.program('lsl_inlet.py', []);
    const opened = await ask(inlet, { open: "name='ward chirps'" });
    t.match(opened, { info: { type: 'Markers', nChannels: 1, sampleRate: 0, channels: [['chirp', 'Marker', '']] } });
    const now = lslClock();
    const onsetTimeMicros = Date.now() * 1000 - 20e6;
    const live = eventDraft(1);
    await timeline.append(gapDraft(1));
    await timeline.append({
      ...live,
      content: { ...live.content, onsetTimeMicros, offsetTimeMicros: onsetTimeMicros + 12.5e6 } as typeof live.content,
    });
    await timeline.append(eventDraft(2));
    const [first, second] = await pull(inlet, 2);
    t.same(JSON.parse(String(first!.values[0])), {
      type: 'chirp',
      synthetic: true,
      phase: 'onset',
      bed: 'bed-1',
      id: 'bed-1-1',
      revision: 0,
      onsetTimeMicros,
      offsetTimeMicros: onsetTimeMicros + 12.5e6,
      startFrequencyHz: 3.25,
      endFrequencyHz: 6,
      sweep: 'linear',
      rateHzPerSecond: 0.22,
      score: 0.875,
      profile: 'slow',
      derivations: ['F7-T7'],
      delayMs: (JSON.parse(String(first!.values[0])) as { delayMs: number }).delayMs,
    });
    t.ok(Math.abs(first!.stamp - (now - 20)) < 0.1, 'the onset was 20 s ago');
    t.match(JSON.parse(String(second!.values[0])), { id: 'bed-1-2' });
    t.ok(Math.abs(second!.stamp - now) < 2, 'a recording of 2023 is stamped with the moment of telling');
  });

  await t.test('trends are a stream for each bed, and a new one for new derivations', async (t) => {
    const timer = setInterval(() => {
      hub.publish(trends(BED.bed, Date.now() * 1000 - 3e6, info.derivations.length));
    }, 50);
    t.teardown(() => {
      clearInterval(timer);
    });
    const inlet = lab.program('lsl_inlet.py', []);
    const opened = await ask(inlet, { open: "name='ward trends bed-1'" });
    const units = ['dB', 'dB', 'dB', 'dB', 'Hz', 'ratio', 'microvolts', 'microvolts'];
    const bands = ['delta', 'theta', 'alpha', 'beta'];
    const labels = [...bands, 'spectral edge', 'suppression', 'envelope lower', 'envelope upper'];
    t.match(opened['info'], {
      type: 'Trends',
      channels: ['F7-T7', 'T7-P7'].flatMap((derivation) =>
        labels.map((label, i) => [`${derivation} ${label}`, 'Trend', units[i]]),
      ),
    });
    const [sample] = await pull(inlet, 1);
    t.same(sample!.values, [10, 20, 30, 40, 5, 0, 6, 7, 10.5, 20.5, 30.5, 40.5, 5.5, 0.5, 6.5, 7.5]);
    t.ok(Math.abs(sample!.stamp - (lslClock() - 3)) < 1, 'stamped with the time of the signal');
    info = { ...BED, derivations: ['C3-C4'] };
    await sleep(300);
    const again = lab.program('lsl_inlet.py', []);
    t.match(await ask(again, { open: "source_id=//source_id and starts-with(name,'ward trends')" }), {
      info: { nChannels: 8 },
    });
    t.same((await pull(again, 1))[0]!.values, [10, 20, 30, 40, 5, 0, 6, 7]);
  });
  t.same(complaints, []);
});
