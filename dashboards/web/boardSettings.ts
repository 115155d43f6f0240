/** What the person at the board has chosen for all tiles. */
export interface BoardSettings {
  readonly windowSeconds: number;
  readonly chirpsShown: boolean;
  /** The event that is picked out, on its tile and in the list. */
  readonly chosen: { readonly bed: string; readonly id: string } | undefined;
}
