import { ChirpdError } from '../../pipelines/core/errors.js';
import type { FoundStream } from './resolve.js';
import { parseStreamDescription, type LslStreamDescription } from './stream-description.js';
import { connectTo } from './tcp.js';

const MAX_BYTES = 16 * 2 ** 20;
const TIMEOUT_MS = 3000;

/**
 * Asks an outlet for all it says of its stream.
 * @throws ChirpdError LSL_UNREACHABLE, LSL_PROTOCOL
 */
export async function fetchFullInfo(found: FoundStream, signal: AbortSignal): Promise<LslStreamDescription> {
  const socket = await connectTo(found, signal);
  const timer = setTimeout(() => socket.destroy(), TIMEOUT_MS);
  try {
    socket.write('LSL:fullinfo\r\n');
    const chunks: Buffer[] = [];
    let nBytes = 0;
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      nBytes += chunk.length;
      if (nBytes > MAX_BYTES) throw new SyntaxError('it is longer than 16 MiB');
    }
    return parseStreamDescription(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    if (cause instanceof ChirpdError || signal.aborted) throw cause;
    const why = cause instanceof SyntaxError ? cause.message : 'the connection broke off';
    const message = `stream "${found.description.name}" at ${found.address} sent no usable stream info: ${why}. Is its program still running?`;
    throw new ChirpdError('LSL_PROTOCOL', message, { cause });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
