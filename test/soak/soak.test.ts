import t from 'tap';
import { slopeErrorOf, slopeOf } from './line-fit.js';
import { soak } from './soak.js';

t.setTimeout(280_000);

t.test('half a minute of devices and clients that come and go', async (t) => {
  const report = await soak({
    minutes: 0.5,
    nBeds: 1,
    nReferencePeriods: 0.5,
    lookSeconds: 3,
    onProgress: (text) => {
      t.comment(text);
    },
  });
  const { looks, compared, clients, heap, complaints, exitCode } = report;
  t.comment(JSON.stringify({ ...report, looks: looks.length }));
  t.ok(looks.length >= 3, `${String(looks.length)} looks`);
  t.ok(
    looks.every((look) =>
      Object.values(look).every((value) => value > 0 || value === look.simulatedHours || value === look.loopDelayP99Ms),
    ),
  );
  t.ok(compared.nShorter > 0, `${String(compared.nShorter)} tellings to compare`);
  t.equal(compared.nDifferent, 0, 'told as in the shorter run');
  t.same(clients.faults, []);
  t.ok(clients.nVisits > 5 && clients.nResumed > 2 && clients.nRequests > 5 && clients.nFollowed > 0);
  t.ok(report.nGuests > 1, 'devices came and went');
  t.ok(Number.isFinite(heap.megabytesPerHour));
  t.same(complaints, []);
  t.equal(exitCode, 0);
});

t.test('a line through points, and how sure it is', (t) => {
  t.equal(
    slopeOf([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
    2,
  );
  t.equal(
    slopeErrorOf([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
    0,
  );
  t.ok(
    Math.abs(
      slopeErrorOf([
        [0, 0],
        [1, 1],
        [2, 0],
        [3, 1],
      ]) - 0.2828,
    ) < 0.001,
  );
  t.end();
});
