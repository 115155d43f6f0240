/**
 * A worker whose only work is to wake the board. Browsers slow the timers of a page in the background down to one a minute,
 * but not those of its workers: alarms must sound there, too.
 */
const TICK_MS = 1000;

setInterval(() => {
  postMessage('tick');
}, TICK_MS);
