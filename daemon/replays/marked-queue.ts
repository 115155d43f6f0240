import type { ReplayMark } from '../protocol/messages.js';
import type { AppendQueue } from '../timeline/append-queue.js';
import { replayPrefix } from '../timeline/record.js';

/** Puts a replay's mark on all that goes into the timeline, and its keys apart from those of live beds and other runs. */
export function markedQueue(
  queue: Pick<AppendQueue, 'add' | 'settled'>,
  mark: ReplayMark,
): Pick<AppendQueue, 'add' | 'settled'> {
  return {
    settled: () => queue.settled(),
    add: (draft) => {
      const { key, content } = draft;
      // Nothing else comes from a bed; what concerns the daemon as a whole is of no replay.
      if (content.type !== 'event' && content.type !== 'gap' && content.type !== 'stream') return;
      queue.add({ ...draft, key: `${replayPrefix(mark)}${key}`, content: { ...content, replay: mark } });
    },
  };
}
