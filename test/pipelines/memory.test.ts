import { connect, merge, Subject } from 'rxjs';
import t from 'tap';
import { amplitude } from '../../pipelines/amplitude.js';
import { canvas } from '../../pipelines/canvas.js';
import { bandProfile, CANVAS } from '../../pipelines/core/profile.js';
import type { StreamItem } from '../../pipelines/core/signal.js';
import { filter } from '../../pipelines/filter.js';
import type { ColumnFrame, Passing } from '../../pipelines/items.js';
import { montage } from '../../pipelines/montage.js';
import { resample } from '../../pipelines/resample.js';
import { spectrogram } from '../../pipelines/spectrogram.js';
import { trends } from '../../pipelines/trends.js';
import { bytesHeld } from '../bytes-held.js';
import { block, gap, info, walks } from './support/signals.js';

t.test('a long stream with gaps leaves nothing behind', async (t) => {
  const labels = ['Fp1', 'F7', 'T7', 'P7', 'O1', 'Fz'];
  const profile = bandProfile('slow');
  const samples = walks(1, labels.length, 200);
  const source = new Subject<StreamItem>();
  let nSteps = 0;
  source
    .pipe(
      montage('auto'),
      filter({ highpassHz: CANVAS.highpassHz }),
      connect((stream$) => merge(stream$.pipe(amplitude()), stream$.pipe(resample(profile), spectrogram(profile)))),
      trends<ColumnFrame | Passing>(profile),
      canvas(profile),
    )
    .subscribe((item) => {
      if (item.type === 'canvases') nSteps++;
    });
  source.next(info(labels, 200));
  let second = 0;
  const stream = (nSeconds: number): Promise<number> => {
    for (const end = second + nSeconds; second < end; second++) {
      if (second % 100 === 99) source.next(gap(200 * second, 200));
      else source.next(block(200 * second, samples));
    }
    return bytesHeld();
  };
  const early = await stream(300);
  const late = await stream(1800);
  t.ok(nSteps > 1500, `${String(nSteps)} steps`);
  t.ok(late - early < 1e6, `${String(late - early)} bytes more after 30 minutes`);
});
