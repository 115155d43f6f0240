import type { HistoryHours } from './bedHistory.js';

/** `place`: as the config lists the beds. `need`: who needs somebody first. */
export type TileOrderChoice = 'place' | 'need';

/** What the person at the board has chosen for all tiles. */
export interface BoardSettings {
  readonly windowSeconds: number;
  readonly chirpsShown: boolean;
  /** The event that is picked out, on its tile and in the list. */
  readonly chosen: { readonly bed: string; readonly id: string } | undefined;
  /** Hours that the tiles show at a glance; 0: the live spectrogram. */
  readonly hours: HistoryHours | 0;
  readonly order: TileOrderChoice;
}
