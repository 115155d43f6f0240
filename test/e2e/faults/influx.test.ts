import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { until } from '../../until.js';
import { BlackHoleProxy } from '../../daemon/influx/black-hole-proxy.js';
import { ADMIN, influxMissing, InfluxServer } from '../../daemon/influx/influx-server.js';
import { temporaryFolder } from '../temporary-folder.js';
import { start } from './started.js';
import { FaultListener } from './told.js';

t.setTimeout(240_000);

async function influxState(address: string): Promise<string> {
  const health = (await (await fetch(new URL('/v1/health', address))).json()) as { influx: { state: string } };
  return health.influx.state;
}

/** No bed has anything to tell, so that it is the daemon itself who must notice. */
const QUIET = [{ name: 'Bed 1', adapter: { kind: 'push' } }] as const;

t.test(
  'InfluxDB is stopped, and comes back; answers nothing, and answers again',
  { skip: influxMissing },
  async (t) => {
    const server = await InfluxServer.start(t);
    const proxy = await BlackHoleProxy.start(t, server.port);
    const passwordFile = join(temporaryFolder(t), 'password');
    writeFileSync(passwordFile, ADMIN.password);
    const influx = { url: proxy.url, username: ADMIN.username, passwordFile };
    const { address } = await start(t, { beds: [...QUIET], influx });
    const listener = new FaultListener(t, address);
    await until(async () => (await influxState(address)) === 'current', 'InfluxDB', 60_000);

    const stoppedMs = performance.now();
    await server.stop('SIGKILL');
    await listener.raised('INFLUX_FAILING', stoppedMs);
    await server.start();
    await listener.cleared('INFLUX_FAILING', performance.now());

    const swallowedMs = performance.now();
    proxy.mode = 'swallow';
    await listener.raised('INFLUX_FAILING', swallowedMs, 2);
    t.match(listener.text('INFLUX_FAILING'), /does not answer \[SINK_INFLUX_UNREACHABLE\]/);
    proxy.mode = 'pass';
    await listener.cleared('INFLUX_FAILING', performance.now(), 2);
  },
);
