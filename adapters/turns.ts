const waiting: (() => void)[] = [];

/**
 * Resolves in a later turn of the event loop that no other caller has: streams that go on at the same moment do so one
 * after the other, in the order in which they asked, and timers and sockets run between them. So the loop is held up
 * by the work of one block, however many beds there are.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(giveTurn);
  });
}

function giveTurn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(giveTurn);
}
