import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { nextTurn } from '../../adapters/turns.js';

void t.test('one in each turn of the loop, in the order of asking, whoever asks again last', async (t) => {
  const order: string[] = [];
  let turn = 0;
  const turns: number[] = [];
  const stream = async (name: string): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await nextTurn();
      order.push(name);
      turns.push(turn);
    }
  };
  let isOver = false;
  const counting = (async (): Promise<void> => {
    while (!isOver) {
      await setImmediate();
      turn++;
    }
  })();
  await Promise.all(['a', 'b', 'c'].map(stream));
  isOver = true;
  await counting;
  t.equal(order.join(''), 'abcabcabc');
  t.equal(new Set(turns).size, turns.length, 'no two in the same turn');
});

void t.test('timers have their turn while streams never rest', async (t) => {
  let isOver = false;
  const streams = Array.from({ length: 50 }, async () => {
    while (!isOver) await nextTurn();
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  isOver = true;
  await Promise.all(streams);
  t.pass('all came to an end');
});
