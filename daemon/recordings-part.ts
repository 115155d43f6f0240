import type { Config } from './config/schema.js';
import type { LabelBook } from './labels/label-book.js';
import { LabelSidecars } from './labels/label-sidecars.js';
import type { Logger } from './log.js';
import { Recorder } from './recording/recorder.js';
import type { Part } from './supervisor.js';
import type { Timeline } from './timeline/timeline.js';

export interface RecordingsPartOptions {
  readonly config: Config['recording'];
  readonly timeline: () => Timeline;
  /** Undefined: nobody labels anything. */
  readonly labels: () => LabelBook | undefined;
  /** Called when it can take beds; not where nothing is to be recorded. */
  readonly onRecorder: (recorder: Recorder) => void;
  readonly log: Logger;
}

/** Recordings, and the labels beside them. Stopped after the beds: what they said last is recorded too. */
export function recordingsPart({ config, timeline, labels, onRecorder, log }: RecordingsPartOptions): Part {
  const { folder, ...retention } = config;
  let unlisten: (() => void) | undefined;
  let recorder: Recorder | undefined;
  let sidecars: LabelSidecars | undefined;
  return {
    name: 'recordings',
    start: async () => {
      if (folder === undefined) return;
      const opened = new Recorder({ folder, ...retention, log, onFile: (path) => sidecars?.fileChanged(path) });
      await opened.start();
      recorder = opened;
      onRecorder(opened);
      const book = labels();
      if (book !== undefined) {
        sidecars = new LabelSidecars({ book, timeline: timeline(), recorder: opened, folder, log });
        await sidecars.start();
      }
      unlisten = timeline().listen((messages) => {
        opened.tell(messages);
      });
      log.info({ folder, files: opened.list().length }, 'Recording');
    },
    stop: async () => {
      unlisten?.();
      await recorder?.stop();
      await sidecars?.stop();
    },
  };
}
