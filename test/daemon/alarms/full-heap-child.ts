/** Fills its own heap, and says what the watch says of it: before, and while it is full. */
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryRooms } from '../../../daemon/alarms/memory-rooms.js';
import { MemoryWatch } from '../../../daemon/alarms/memory-watch.js';

const watch = new MemoryWatch();
const held: number[][] = [];

async function said(): Promise<string> {
  for (let i = 0; i < 8; i++) {
    watch.look();
    await sleep(420);
  }
  return watch.look();
}

console.log(JSON.stringify(await said()));
const isFull = (): boolean =>
  memoryRooms().some((room) => room.what === 'heap' && room.usedBytes > 0.92 * room.sizeBytes);
while (!isFull()) held.push(Array.from({ length: 20_000 }, (_, i) => i + 0.5));
console.log(JSON.stringify(await said()));
held.length = 0;
globalThis.gc?.();
console.log(JSON.stringify(await said()));
