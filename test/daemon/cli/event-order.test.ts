import t from 'tap';
import { EventOrder } from '../../../daemon/cli/event-order.js';
import type { EventMessage } from '../../../daemon/protocol/messages.js';

const LANES = [
  { bed: 'A', profile: 'slow' },
  { bed: 'A', profile: 'scalp' },
  { bed: 'B', profile: 'slow' },
] as const;

/** As much of an event as its order depends on. */
function event(bed: string, profile: 'slow' | 'scalp', id: string): EventMessage {
  return { bed, profile, id, revision: 0 } as EventMessage;
}

t.test('lane after lane, whatever order things come in', (t) => {
  const a1 = event('A', 'slow', 'a1');
  const a2 = event('A', 'slow', 'a2');
  const s1 = event('A', 'scalp', 's1');
  const b1 = event('B', 'slow', 'b1');
  const passed: string[] = [];
  const order = new EventOrder(LANES, ({ id }) => passed.push(id));
  for (const each of [b1, s1, a1, a2]) order.announce(each);
  order.commit(b1);
  order.commit(a2);
  t.same(passed, [], 'a1 is not committed yet');
  order.commit(a1);
  t.same(passed, ['a1', 'a2'], 'the first lane goes on at once');
  order.end('B');
  order.commit(s1);
  t.same(passed, ['a1', 'a2'], 'A may still say something');
  order.end('A');
  t.same(passed, ['a1', 'a2', 's1', 'b1']);
  t.end();
});

t.test('events of others are left out; missing ones are named', (t) => {
  const passed: string[] = [];
  const order = new EventOrder(LANES, ({ id }) => passed.push(id));
  order.announce(event('A', 'slow', 'lost'));
  order.announce(event('A', 'slow', 'a2'));
  order.commit(event('C', 'slow', 'c1'));
  order.commit(event('A', 'slow', 'unannounced'));
  order.commit(event('A', 'slow', 'a2'));
  order.end('A');
  order.end('B');
  t.same(passed, []);
  t.same(order.missing(), ['lost:0']);
  order.finish();
  t.same(passed, ['a2']);
  t.end();
});
