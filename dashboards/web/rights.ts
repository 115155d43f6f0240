import { isEnough, type Role } from '../../daemon/protocol/roles.js';
import type { SessionInfo } from '../../daemon/protocol/session-messages.js';
import { roleWords, sessionWords } from './wordsSession.js';

let session: SessionInfo | undefined;

/** What the daemon has said of who sits here. */
export function learnRights(info: SessionInfo): void {
  session = info;
}

/** Whether the daemon would let this board do something. While nothing is known the daemon itself says no. */
export function may(role: Role): boolean {
  if (session === undefined || session.authentication === 'none') return true;
  return session.identity !== null && isEnough(session.identity.role, role);
}

/** Why a control is disabled, for its title; '' where it need not be. */
export function whyNot(role: Role): string {
  if (may(role)) return '';
  const own = session?.identity?.role;
  return own === undefined ? sessionWords().heading : sessionWords().mayNot(roleWords()[own]);
}
