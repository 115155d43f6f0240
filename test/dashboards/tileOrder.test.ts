import t from 'tap';
import { byNeed, TileOrder, type Need } from '../../dashboards/web/tileOrder.js';

const need = (bed: string, more: Partial<Need> = {}): Need => ({
  bed,
  alarm: undefined,
  isDown: false,
  burden: 0,
  ...more,
});
const NONE = new Set<string>();

t.test('by need: alarms that call, other alarms, beds that are not heard, then chirps', (t) => {
  const beds = [
    need('quiet'),
    need('some', { burden: 0.2 }),
    need('down', { isDown: true, burden: 1 }),
    need('seen high', { alarm: { priority: 'high', isCalling: false } }),
    need('low', { alarm: { priority: 'low', isCalling: true } }),
    need('most', { burden: 0.95 }),
    need('high', { alarm: { priority: 'high', isCalling: true } }),
    need('seen low', { alarm: { priority: 'low', isCalling: false }, isDown: true }),
    need('medium', { alarm: { priority: 'medium', isCalling: true } }),
  ];
  t.strictSame(byNeed(beds), ['high', 'medium', 'low', 'seen high', 'seen low', 'down', 'most', 'some', 'quiet']);
  t.end();
});

t.test('equal beds stay where they are, and small changes of the burden change nothing', (t) => {
  t.strictSame(byNeed([need('c'), need('a'), need('b')]), ['c', 'a', 'b']);
  t.strictSame(byNeed([need('a', { burden: 0.13 }), need('b', { burden: 0.17 })]), ['a', 'b']);
  t.strictSame(byNeed([need('a', { burden: 0.49 }), need('b', { burden: 0.5 })]), ['b', 'a']);
  t.end();
});

t.test('the order holds for five seconds', (t) => {
  const order = new TileOrder();
  t.strictSame(order.arrange(0, ['a', 'b', 'c'], NONE), ['a', 'b', 'c']);
  t.strictSame(order.arrange(4900, ['c', 'a', 'b'], NONE), ['a', 'b', 'c']);
  t.strictSame(order.arrange(5000, ['c', 'a', 'b'], NONE), ['c', 'a', 'b']);
  t.strictSame(order.arrange(5200, ['b', 'c', 'a'], NONE), ['c', 'a', 'b']);
  order.release();
  t.strictSame(order.arrange(5300, ['b', 'c', 'a'], NONE), ['b', 'c', 'a'], 'another order was asked for');
  t.strictSame(order.arrange(5400, ['d', 'b', 'a'], NONE), ['d', 'b', 'a'], 'other beds');
  t.end();
});

t.test('what somebody points at keeps its place', (t) => {
  const order = new TileOrder();
  order.arrange(0, ['a', 'b', 'c', 'd'], NONE);
  t.strictSame(order.arrange(6000, ['d', 'c', 'b', 'a'], new Set(['b'])), ['d', 'b', 'c', 'a']);
  t.strictSame(order.arrange(12_000, ['a', 'b', 'c', 'd'], new Set(['d', 'a'])), ['d', 'b', 'c', 'a']);
  t.strictSame(order.arrange(18_000, ['a', 'b', 'c', 'd'], NONE), ['a', 'b', 'c', 'd']);
  t.end();
});
