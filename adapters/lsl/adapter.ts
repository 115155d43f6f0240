import { Observable, type Subscriber } from 'rxjs';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import type { Adapter, OpenContext } from '../adapter.js';
import { Inlet } from './inlet.js';
import type { LslOptions } from './options.js';
import { queryText, streamQuery } from './query.js';
import { resolveStreams, type FoundStream } from './resolve.js';
import type { LslStreamDescription } from './stream-description.js';

/** How long to listen for a second stream of the same description. */
const SETTLE_MS = 300;

/** Reads a stream of the Lab Streaming Layer. Errors: `LSL_...`, see adapters/README.md. */
export const lslAdapter: Adapter<LslOptions> = {
  kind: 'lsl',
  open: (options, context) => {
    const origin = ORIGINS.get(context) ?? {};
    ORIGINS.set(context, origin);
    return new Observable((subscriber) => {
      const abort = new AbortController();
      open(options, origin, subscriber, abort.signal).catch((error: unknown) => {
        if (abort.signal.aborted) return;
        abort.abort();
        subscriber.error(error);
      });
      return () => {
        abort.abort();
      };
    });
  },
};

/** The stream that a source turned out to be. */
interface Origin {
  description?: LslStreamDescription;
}

/**
 * By who opened it: a bed keeps its context when it opens its source again, and does not take another device that the same
 * query would find for its own. Opened by somebody else, or after a restart, a source may be any stream.
 */
const ORIGINS = new WeakMap<OpenContext, Origin>();

async function open(
  options: LslOptions,
  origin: Origin,
  subscriber: Subscriber<AdapterItem>,
  signal: AbortSignal,
): Promise<void> {
  const found = await findStream(options, origin.description, signal);
  if (found === undefined) return;
  await new Inlet(found, options, subscriber, signal).open();
  origin.description = found.description;
}

/** Undefined after an abort. @throws ChirpdError LSL_QUERY, LSL_NOT_FOUND, LSL_AMBIGUOUS */
async function findStream(
  options: LslOptions,
  origin: LslStreamDescription | undefined,
  signal: AbortSignal,
): Promise<FoundStream | undefined> {
  const streams = await resolveStreams({
    query: [streamQuery(options), ...(origin === undefined ? [] : originConditions(origin))].join(' and '),
    network: options,
    hosts: options.hosts,
    timeoutMs: options.findSeconds * 1000,
    settleMs: SETTLE_MS,
    signal,
  });
  if (signal.aborted) return undefined;
  const [found, ...others] = streams;
  if (found === undefined) {
    const same = origin === undefined ? '' : `, and that was here before (${streamText(origin)}),`;
    const message = `no LSL stream with ${queryText(options)}${same} answers within ${options.findSeconds} s. Start its program; across networks, name its computer in the adapter's option hosts`;
    throw new ChirpdError('LSL_NOT_FOUND', message);
  }
  if (others.length > 0) {
    const told = streams.map(({ description }) => streamText(description));
    const message = `${streams.length} LSL streams have ${queryText(options)}: ${told.join('; ')}. Say which one with the adapter's option sourceId`;
    throw new ChirpdError('LSL_AMBIGUOUS', message);
  }
  return found;
}

function streamText({ name, hostName, sourceId }: LslStreamDescription): string {
  return `"${name}" of ${hostName}, source id "${sourceId}"`;
}

function originConditions({ name, sourceId, hostName }: LslStreamDescription): readonly string[] {
  const fields = sourceId === '' ? { name, hostname: hostName } : { source_id: sourceId };
  return Object.entries(fields).flatMap(([field, text]) => (text.includes("'") ? [] : [`${field}='${text}'`]));
}
