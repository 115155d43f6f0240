import type { Replayable, ReplayChange, ReplayInfo, ReplayRequest } from '../../daemon/protocol/replay-messages.js';
import { replayWords } from './wordsReplay.js';

const TIMEOUT_MS = 15_000;

/** A file that the daemon has recorded. */
export interface RecordedFile {
  readonly bed?: string;
  readonly file: string;
  readonly startTimeMicros: number;
  readonly endTimeMicros: number;
  readonly isOpen: boolean;
}

/** Each throws an Error with what is wrong, for people. */
export const replayApi = {
  list: async (): Promise<readonly ReplayInfo[]> =>
    (await ask<{ readonly replays: readonly ReplayInfo[] }>('GET', '/v1/replays')).replays,
  replayable: (): Promise<Replayable> => ask('GET', '/v1/replayable'),
  recorded: async (): Promise<readonly RecordedFile[]> =>
    (await ask<{ readonly recordings: readonly RecordedFile[] }>('GET', '/v1/recordings')).recordings,
  begin: (request: ReplayRequest): Promise<ReplayInfo> => ask('POST', '/v1/replays', request),
  change: (id: string, change: ReplayChange): Promise<ReplayInfo> => ask('PATCH', pathOf(id), change),
  stop: (id: string): Promise<ReplayInfo> => ask('DELETE', pathOf(id)),
};

function pathOf(id: string): string {
  return `/v1/replays/${encodeURIComponent(id)}`;
}

async function ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new Error(replayWords().unreachable);
  }
  const answer = (await response.json()) as Answer & { readonly error?: { code: string; message: string } };
  if (response.ok) return answer;
  if (answer.error?.code === 'REPLAY_NOT_FOUND') throw new Error(replayWords().gone);
  // The code at the end is for programs and logs.
  throw new Error((answer.error?.message ?? String(response.status)).replace(/ \[[A-Z0-9_]+\]$/, ''));
}
