import type { ReplayMark } from '../protocol/messages.js';
import type { AppendQueue } from '../timeline/append-queue.js';
import { replayPrefix, type TimelineContent } from '../timeline/record.js';

/** Puts a replay's mark on all that goes into the timeline, and its keys apart from those of live beds and other runs. */
export function markedQueue(
  queue: Pick<AppendQueue, 'add' | 'settled'>,
  mark: ReplayMark,
): Pick<AppendQueue, 'add' | 'settled'> {
  return {
    settled: () => queue.settled(),
    add: ({ key, content, ...rest }) => {
      const marked: TimelineContent = { ...content, replay: mark };
      queue.add({ ...rest, key: `${replayPrefix(mark)}${key}`, content: marked });
    },
  };
}
