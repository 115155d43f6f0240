import { join } from 'node:path';
import { SUBPROTOCOL_MSGPACK, type TimelineMessage } from '../../daemon/protocol/messages.js';
import { type BedInput, runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { StreamSubscriber } from './stream-subscriber.js';

export interface LiveRunOptions {
  readonly beds: readonly BedInput[];
  readonly folder: string;
  /** Of the config and the data folder; unique within the folder. */
  readonly name: string;
  readonly timeoutMs: number;
}

/** Runs a daemon until the streams of all its beds have ended, and gives what a subscriber heard of them. */
export async function runLive({ beds, folder, name, timeoutMs }: LiveRunOptions): Promise<readonly TimelineMessage[]> {
  const config = writeConfig(folder, name, { beds: [...beds] });
  const daemon = new DaemonProcess(runArguments(config, join(folder, name)));
  try {
    const subscriber = new StreamSubscriber(SUBPROTOCOL_MSGPACK);
    subscriber.follow(await daemon.ready());
    const names = beds.map((bed) => bed.name);
    await subscriber.untilEnded(names, timeoutMs);
    await subscriber.disconnect();
    const complaints = daemon.complaints();
    if (complaints.length > 0) throw new Error(`chirpd complained:\n${complaints.join('\n')}`);
    return subscriber.heard;
  } finally {
    await daemon.kill();
  }
}
