/** The bed that was recorded, of a replay's bed (`Replay 0badcafe: Bed 1`); else the bed itself. Labels of both are of one bed. */
export function recordedBed(bed: string): string {
  return bed.replace(/^Replay [0-9a-f]{8}: /, '');
}
