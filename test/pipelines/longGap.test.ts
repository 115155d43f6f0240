import { Subject } from 'rxjs';
import t from 'tap';
import { canvas } from '../../pipelines/canvas.js';
import { bandProfile } from '../../pipelines/core/profile.js';
import type { StreamItem } from '../../pipelines/core/signal.js';
import { filter } from '../../pipelines/filter.js';
import { montage } from '../../pipelines/montage.js';
import { resample } from '../../pipelines/resample.js';
import { spectrogram } from '../../pipelines/spectrogram.js';
import { walks } from './support/signals.js';

t.test('a device that was away for a week costs no more than one that was away for a second', (t) => {
  const rate = 250;
  const labels = ['Fp1', 'F7', 'T7', 'P7', 'O1'];
  for (const gapSeconds of [1, 7 * 86_400]) {
    const source = new Subject<StreamItem>();
    const columns: number[] = [];
    const profile = bandProfile('slow');
    source
      .pipe(montage('recorded'), filter({ highpassHz: 0.5 }), resample(profile), spectrogram(profile), canvas(profile))
      .subscribe((item) => {
        if (item.type === 'column') columns.push(item.column);
      });
    const channels = labels.map((label) => ({ label, sourceLabel: label }));
    source.next({ type: 'info', channels, leftOut: [], sampleRate: rate, startTimeMicros: 0, source: 'test' });
    const samples = walks(1, labels.length, 20 * rate);
    source.next({ type: 'block', firstSample: 0, samples });
    const nBefore = columns.length;
    const began = performance.now();
    const nSamples = gapSeconds * rate;
    source.next({ type: 'gap', firstSample: 20 * rate, nSamples, reason: 'disconnected' });
    source.next({ type: 'block', firstSample: 20 * rate + nSamples, samples });
    const took = performance.now() - began;
    t.ok(took < 1000, `${String(gapSeconds)} s of gap took ${String(Math.round(took))} ms`);
    t.ok(nBefore > 10 && columns.length > nBefore + 10, 'columns on both sides');
    const after = columns[nBefore]! * profile.hopSeconds;
    t.ok(after >= 20 + gapSeconds - 1 && after < 22 + gapSeconds, `goes on at ${String(after)} s`);
  }
  t.end();
});
