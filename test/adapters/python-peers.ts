import { peersPython } from '../runner/python-peers.mjs';
import { skipUnless } from './recordings.js';

/** Python of the environment that `npm test` makes in .venv/, with the packages of test/runner/python-peers.txt. */
export const PEERS_PYTHON = peersPython() ?? '.venv/bin/python';

/** For tap's `skip`: false, or why a test that talks to one of those packages is skipped. */
export function skipWithoutPeers(): false | string {
  return skipUnless(peersPython() !== undefined, 'the Python environment (node test/runner/python-peers.mjs)');
}
