import t from 'tap';
import { ConfigInForce } from '../../../daemon/config/config-in-force.js';
import { type Config, configSchema } from '../../../daemon/config/schema.js';
import { type ReloadedBy, Reloads } from '../../../daemon/reload/reloads.js';
import type { ReloadPlan } from '../../../daemon/reload/reload-plan.js';

const BY: ReloadedBy = { by: 'http', address: '127.0.0.1' };
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

const configOf = (...names: readonly string[]): Config =>
  configSchema.parse({ beds: names.map((name) => ({ name, adapter: { kind: 'synthetic', seed: 1 } })) });

/** Reloads of a file that a test writes and whose reading it lets go on. */
function rig(): {
  readonly reloads: Reloads;
  readonly plans: ReloadPlan[];
  readonly heard: boolean[];
  /** Answers the reading that waits. */
  readonly read: (next: Config) => void;
} {
  const plans: ReloadPlan[] = [];
  const heard: boolean[] = [];
  const config = new ConfigInForce(configOf('A'));
  let read: (next: Config) => void = () => undefined;
  const reloads = new Reloads({
    config,
    source: {
      file: 'chirpd.yaml',
      load: () =>
        new Promise((resolve) => {
          read = resolve;
        }),
    },
    apply: async (plan) => {
      reloads.checkStopping();
      plans.push(plan);
      config.replace(plan.config);
      return Promise.resolve();
    },
    audit: () => undefined,
    log: silent,
  });
  reloads.listen(({ isReloading }) => heard.push(isReloading));
  return {
    reloads,
    plans,
    heard,
    read: (next) => {
      read(next);
    },
  };
}

t.test('not before everything runs, nor when it is being stopped', async (t) => {
  const { reloads, plans } = rig();
  await t.rejects(reloads.reload(BY), { code: 'CONFIG_NOT_READY' });
  reloads.start();
  reloads.stop();
  await t.rejects(reloads.reload(BY), { code: 'CONFIG_STOPPING', message: 'The daemon is stopping' });
  t.same(plans, []);
  t.equal(reloads.problem, '', 'nothing is wrong with the file');
});

t.test('the daemon is stopped while the file is read: nothing changes, and that is what is told', async (t) => {
  const { reloads, plans, heard, read } = rig();
  reloads.start();
  const answer = reloads.reload(BY);
  await Promise.resolve();
  reloads.stop();
  read(configOf('A', 'B'));
  const { outcome, error, beds } = await answer;
  t.equal(outcome, 'refused');
  t.equal(error?.code, 'CONFIG_STOPPING');
  t.same(beds, { unchanged: [], restarted: [], added: [], removed: [] });
  t.same(plans, []);
  t.same(heard, [true, false]);
});

t.test('two that ask at once get their turn one after the other', async (t) => {
  const { reloads, plans, read } = rig();
  reloads.start();
  const [first, second] = [reloads.reload(BY), reloads.reload(BY)];
  await Promise.resolve();
  read(configOf('A', 'B'));
  t.match(await first, { outcome: 'applied', beds: { added: ['B'] } });
  await new Promise(setImmediate);
  read(configOf('A', 'B'));
  t.match(await second, { outcome: 'unchanged', beds: { added: [], unchanged: ['A', 'B'] } });
  t.equal(plans.length, 1);
});
