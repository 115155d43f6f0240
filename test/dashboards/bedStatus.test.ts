import t from 'tap';
import { chirpsText } from '../../dashboards/web/bedStatus.js';

t.test('how many chirps a bed has had, in few words', (t) => {
  t.same(chirpsText({}), { text: '', title: '' });
  t.match(chirpsText({ chirps: { nLastHour: 12, burdenHour: 0.05, burdenFiveMinutes: 14 / 30 } }), {
    text: '12 in 1 h, 47 % of 5 min',
    title: 'Chirps: 12 in the last hour (5 % of it), 47 % of the last 5 minutes',
  });
  t.end();
});
