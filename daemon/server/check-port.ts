import { once } from 'node:events';
import { createServer } from 'node:net';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';

export interface ListenAddress {
  /** Address or name. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/**
 * Looks whether the server, which comes later, may listen.
 * @throws ChirpdError SERVER_PORT_IN_USE, SERVER_LISTEN_FAILED
 */
export async function checkPort({ host, port }: ListenAddress): Promise<void> {
  const trial = createServer().listen({ host, port });
  try {
    await once(trial, 'listening');
  } catch (error) {
    throw listenError({ host, port }, error);
  }
  trial.close();
  await once(trial, 'close');
}

/** Why nobody can listen there, and what to do. */
export function listenError({ host, port }: ListenAddress, error: unknown): ChirpdError {
  const where = `port ${String(port)} of ${host}`;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    const text = `Cannot listen on ${where}: another program has it. Stop that program, or choose another port`;
    return new ChirpdError('SERVER_PORT_IN_USE', text, { cause: error });
  }
  return new ChirpdError('SERVER_LISTEN_FAILED', `Cannot listen on ${where}: ${errorText(error)}`, { cause: error });
}
