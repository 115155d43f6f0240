import type { Command } from 'commander';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { STREAM_PATH } from '../protocol/messages.js';
import type { CliContext } from './context.js';
import { timelineLine } from './event-line.js';
import { EXIT } from './exit-codes.js';
import { bedArgument, cursorArgument } from './options.js';
import type { RunCommand } from './program.js';

interface TailOptions {
  readonly bed?: string;
  readonly json?: boolean;
  readonly since?: number;
}

const DEFAULT_URL = 'http://127.0.0.1:4180/';

/** `chirpd tail`: what a running daemon tells, a line each, for as long as it is let. */
export function addTailCommand(program: Command, context: CliContext, run: RunCommand): void {
  program
    .command('tail')
    .description('print the events of a running daemon as they happen; connects again after a break and misses none')
    .argument('[url]', `address of the daemon (default: ${DEFAULT_URL})`)
    .option('--bed <name>', 'only this bed', bedArgument)
    .option('--json', 'one JSON message a line')
    .option('--since <cursor>', 'begin after this cursor of the timeline; 0 for all of it', cursorArgument)
    .action((url: string | undefined, { bed, json = false, since }: TailOptions) =>
      run(async () => {
        const { followStream } = await import('./follow-stream.js');
        await followStream({
          url: streamUrl(url ?? DEFAULT_URL),
          ...(bed === undefined ? {} : { beds: [bed] }),
          ...(since === undefined ? {} : { since }),
          stop: context.stop,
          onMessage: (message) => {
            context.stdout.write(`${json ? JSON.stringify(message) : timelineLine(message)}\n`);
          },
          onState: (text) => {
            context.stderr.write(`chirpd: ${text}\n`);
          },
        });
        return EXIT.ok;
      }),
    );
}

/**
 * The WebSocket's address of a daemon named by `host:port` or by the URL of its board or stream.
 * @throws ChirpdError USAGE_URL
 */
export function streamUrl(text: string): URL {
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url === undefined || !['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol)) {
    throw new ChirpdError('USAGE_URL', `"${text}" is no address of a daemon; write it like ${DEFAULT_URL}`);
  }
  url.protocol = url.protocol.replace('http', 'ws');
  if (url.pathname === '/') url.pathname = STREAM_PATH;
  return url;
}
