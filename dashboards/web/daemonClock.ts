let offsetMs: number | undefined;

/** Notes what the daemon's clock shows. @param nowMs monotonic clock */
export function noteDaemonTime(serverTimeMs: number, nowMs: number): void {
  offsetMs = serverTimeMs - nowMs;
}

/** The daemon's clock, Unix milliseconds: this computer's may be wrong. Before the daemon was heard there is only that. */
export function daemonTimeMs(): number {
  return offsetMs === undefined ? Date.now() : performance.now() + offsetMs;
}
