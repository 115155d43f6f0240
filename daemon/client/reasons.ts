/** Why a subscriber does not hear the daemon, where it says so itself. What else `reason` may be comes from the daemon or the system. */
export const REASONS = {
  silent: 'the daemon is silent',
  noAnswer: 'the daemon does not answer',
  cut: 'the connection was cut',
  stopping: 'the daemon is stopping',
  tooSlow: 'this client could not keep up',
  held: 'who listens here is too slow',
  notLoggedIn: 'nobody is logged in',
  accessEnded: 'the token was removed, or the session has ended',
} as const;

export type Reason = (typeof REASONS)[keyof typeof REASONS];
