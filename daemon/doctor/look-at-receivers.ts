import { errorText } from '../../pipelines/core/errors.js';
import type { Config } from '../config/schema.js';
import { InfluxClient } from '../influx/influx-client.js';
import { readInfluxPassword } from '../influx/influx-password.js';
import { readSecretFile } from '../secret-file.js';
import { failed, type Finding, ok, warning } from './finding.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** InfluxDB, and whether the tokens of webhooks are there; nothing is sent to anybody. */
export async function lookAtReceivers({ influx, alarms }: Config, env: Environment): Promise<readonly Finding[]> {
  const webhooks = alarms.webhooks.flatMap(({ name, tokenFile }) =>
    tokenFile === undefined ? [] : [lookAtToken(name, tokenFile, env)],
  );
  return [...(influx === undefined ? [] : [await lookAtInflux(influx, env)]), ...webhooks];
}

async function lookAtInflux(influx: NonNullable<Config['influx']>, env: Environment): Promise<Finding> {
  let client: InfluxClient | undefined;
  try {
    const password = readInfluxPassword(influx, env);
    client = new InfluxClient({
      ...influx,
      username: influx.username,
      password,
      timeoutMs: 1000 * influx.timeoutSeconds,
    });
    const databases = await client.query('SHOW DATABASES');
    if (databases.some(({ name }) => name === influx.database)) {
      return ok('InfluxDB', `${influx.url} answers, and has the database ${influx.database}`);
    }
    if (influx.manageDatabase)
      return ok('InfluxDB', `${influx.url} answers; chirpd makes the database ${influx.database}`);
    return warning(
      'InfluxDB',
      `${influx.url} has no database ${influx.database}`,
      'make it, or set influx.manageDatabase',
    );
  } catch (error) {
    return failed('InfluxDB', errorText(error), 'nothing is lost meanwhile; daemon/influx/README.md explains the code');
  } finally {
    client?.close();
  }
}

function lookAtToken(name: string, tokenFile: string, env: Environment): Finding {
  const what = `webhook ${name}`;
  try {
    if (readSecretFile(tokenFile, env).trim() !== '') return ok(what, 'its token is there');
    return failed(what, `${tokenFile} is empty`, 'put the token into it');
  } catch (error) {
    const isService = tokenFile.startsWith('credential:') && !env['CREDENTIALS_DIRECTORY'];
    const text = errorText(error);
    if (isService) return warning(what, text, 'only the service itself can tell; its alarm WEBHOOK_FAILING says so');
    return failed(what, text, 'make the file, readable by the account that chirpd runs as');
  }
}
