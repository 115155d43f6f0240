import type { Command } from 'commander';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { SubscriberState } from '../client/node.js';
import { isTimelineMessage, isUnknownRecord, TIMELINE_TOPICS, type HelloMessage } from '../protocol/messages.js';
import type { CliContext } from './context.js';
import { timelineLine } from './event-line.js';
import { caOption, type DaemonAccessOptions, readDaemonAccess, tokenFileOption } from './daemon-access.js';
import { EXIT } from './exit-codes.js';
import { bedArgument, cursorArgument, scoreArgument } from './options.js';
import type { RunCommand } from './program.js';

interface TailOptions extends DaemonAccessOptions {
  readonly bed?: string;
  readonly json?: boolean;
  readonly since?: number;
  readonly minimumScore?: number;
}

const DEFAULT_URL = 'http://127.0.0.1:4180/';
const LONGEST_RETRY_MS = 10_000;

/** `chirpd tail`: what a running daemon tells, a line each, for as long as it is let. */
export function addTailCommand(program: Command, context: CliContext, run: RunCommand): void {
  program
    .command('tail')
    .description('print the events of a running daemon as they happen; connects again after a break and misses none')
    .argument('[url]', `address of the daemon (default: ${DEFAULT_URL})`)
    .option('--bed <name>', 'only this bed', bedArgument)
    .option('--json', 'one JSON message a line')
    .option('--minimum-score <score>', 'only events whose score reaches this, 0 to 1', scoreArgument)
    .option('--since <cursor>', 'begin after this cursor of the timeline; 0 for all of it', cursorArgument)
    .addOption(tokenFileOption())
    .addOption(caOption())
    .action((url: string | undefined, options: TailOptions) =>
      run(async () => {
        await follow(daemonUrl(url ?? DEFAULT_URL), options, context);
        return EXIT.ok;
      }),
    );
}

/** @throws ChirpdError SERVER_NOT_CHIRPD (something else answers), PROTOCOL_REFUSED (the daemon refuses what is asked), ACCESS_... (or the token) */
async function follow(url: string, options: TailOptions, context: CliContext): Promise<void> {
  const { bed, json = false, since, minimumScore } = options;
  const { stop, stdout, stderr } = context;
  const access = readDaemonAccess(options, context);
  const [{ Subscriber }, { trusting }] = await Promise.all([import('../client/node.js'), import('./trusting.js')]);
  const say = (text: string): void => {
    if (text !== '') stderr.write(`chirpd: ${text}\n`);
  };
  const subscriber = new Subscriber({
    url,
    topics: TIMELINE_TOPICS,
    ...(access.token !== undefined && { token: access.token }),
    ...(access.ca !== undefined && { webSocket: trusting(access.ca) }),
    ...(bed !== undefined && { beds: [bed] }),
    ...(since !== undefined && { since }),
    ...(minimumScore !== undefined && { minimumScore }),
    longestRetryMs: LONGEST_RETRY_MS,
    // All that is kept, or, in another timeline, what is told from now on.
    onTimelineLost: ({ code }) => (code === 'PROTOCOL_CURSOR_TOO_OLD' ? 'oldest' : 'newest'),
  });
  stop.addEventListener('abort', () => {
    subscriber.close();
  });
  subscriber.state$.subscribe((state) => {
    say(stateText(state));
  });
  await new Promise<void>((resolve, reject) => {
    subscriber.messages$.subscribe({
      next: (message) => {
        if (message.type === 'hello') say(helloText(message, bed));
        if (!isTimelineMessage(message) && !isUnknownRecord(message)) return;
        stdout.write(`${json ? JSON.stringify(message) : timelineLine(message)}\n`);
      },
      error: reject,
      complete: resolve,
    });
    if (stop.aborted) subscriber.close();
  });
}

function stateText({ type, reason, retryMs = 0 }: SubscriberState): string {
  if (type === 'lost') return `${reason}; trying again in ${(retryMs / 1000).toFixed(1)} s`;
  return type === 'stale' ? reason : '';
}

function helloText({ version, demonstration, beds }: HelloMessage, bed: string | undefined): string {
  const names = beds.map((info) => info.bed);
  const unknown = bed === undefined || names.includes(bed) ? '' : `; there is no bed ${bed}`;
  return `connected to chirpd ${version}${demonstration ? ' (demonstration)' : ''}, beds: ${names.join(', ')}${unknown}`;
}

/**
 * The address of a daemon named by `host:port` or by the URL of its board or stream.
 * @throws ChirpdError USAGE_URL
 */
export function daemonUrl(text: string): string {
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url === undefined || !['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol)) {
    throw new ChirpdError('USAGE_URL', `"${text}" is no address of a daemon; write it like ${DEFAULT_URL}`);
  }
  return url.href;
}
