import { get } from 'node:http';
import { get as getByTls } from 'node:https';
import { createServer } from 'node:net';
import type { Config } from '../config/schema.js';
import { failed, type Finding, ok, warning } from './finding.js';

const ANSWER_MS = 5000;

/** The port of the daemon, and those of beds that wait for a sender. */
export async function lookAtPorts({ server, beds }: Config): Promise<readonly Finding[]> {
  const own = await lookAtOwn(server);
  const isRunning = own.state !== 'failed' && own.text.includes('runs there');
  // A daemon that runs has those of its beds itself.
  if (isRunning) return [own];
  const listening = beds.flatMap(({ name, adapter: { kind, port, host } }) =>
    kind === 'tcp' && typeof port === 'number'
      ? [{ name, port, host: typeof host === 'string' ? host : '127.0.0.1' }]
      : [],
  );
  const others = listening.map(async ({ name, port, host }): Promise<Finding> => {
    const problem = await listenProblem(host, port);
    const place = `port ${port} of ${host}`;
    if (problem === '') return ok(name, `${place} is free for its sender`);
    return failed(
      name,
      `${place} cannot be listened on: ${problem}`,
      'give the bed another port, or stop the program that has it',
    );
  });
  return [own, ...(await Promise.all(others))];
}

async function lookAtOwn({ host, port, tls }: Config['server']): Promise<Finding> {
  const place = `port ${port} of ${host}`;
  const problem = await listenProblem(host, port);
  if (problem === '') return ok('port', `${place} is free`);
  if (problem === 'EADDRINUSE') {
    const running = await runningDaemon(host, port, tls !== undefined);
    if (running === undefined) {
      return failed(
        'port',
        `another program than chirpd has ${place}`,
        `stop it (ss -ltnp 'sport = :${port}' names it), or set server.port`,
      );
    }
    const { version, reasons } = running;
    if (reasons.length === 0) return ok('port', `${daemonText(version)} runs there: ${place}`);
    return warning(
      'port',
      `${daemonText(version)} runs there: ${place}, and says: ${reasons.join('; ')}`,
      'daemon/alarms/README.md says what to do',
    );
  }
  const advice =
    problem === 'EACCES'
      ? 'ports below 1024 are for root alone: set server.port to one above, and let a proxy have the other'
      : 'set server.host to an address that this machine has (ip address), or to 0.0.0.0 for all of them';
  return failed('port', `${place} cannot be listened on: ${problem}`, advice);
}

/** A code such as EADDRINUSE; '' where it can be. */
function listenProblem(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve('');
      });
    });
  });
}

interface RunningDaemon {
  readonly version: string;
  readonly reasons: readonly string[];
}

async function runningDaemon(host: string, port: number, isTls: boolean): Promise<RunningDaemon | undefined> {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  try {
    const report = JSON.parse(await answerOf(name, port, isTls)) as Partial<RunningDaemon> & {
      readonly error?: { readonly code?: string };
    };
    // One that asks for a token says so, and no more.
    if (report.error?.code?.startsWith('ACCESS_') === true) return { version: '', reasons: [] };
    if (typeof report.version !== 'string' || !Array.isArray(report.reasons)) return undefined;
    return { version: report.version, reasons: report.reasons };
  } catch {
    return undefined;
  }
}

/** Not by `fetch`, which in Node 20 never settles where the other end closes every connection at once. */
function answerOf(host: string, port: number, isTls: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const ask = isTls ? getByTls : get;
    // Its certificate is made for others than this machine; nothing is told to whoever answers.
    const asked = ask({ host, port, path: '/v1/health', agent: false, rejectUnauthorized: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => {
        resolve(text);
      });
      answer.on('error', reject);
    });
    asked.on('error', reject);
    // Also where it begins to answer and never ends.
    const timer = setTimeout(() => asked.destroy(new Error('no answer')), ANSWER_MS);
    asked.on('close', () => {
      clearTimeout(timer);
      reject(new Error('no whole answer'));
    });
  });
}

function daemonText(version: string): string {
  return version === '' ? 'a chirpd that asks for a token' : `chirpd ${version}`;
}
