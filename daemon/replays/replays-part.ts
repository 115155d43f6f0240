import type { Part } from '../supervisor.js';
import type { Replays } from './replays.js';

/** Stopped before the beds: what replays told last goes into the timeline with what the beds did. */
export function replaysPart(open: () => Replays): Part {
  let replays: Replays | undefined;
  return {
    name: 'replays',
    start: () => {
      replays = open();
    },
    stop: () => replays?.stop(),
  };
}
