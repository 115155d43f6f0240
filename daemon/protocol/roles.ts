/** What a token may do. Each of the first three may do what those before it may; `push` sends samples, and nothing else. */
export const ROLES = ['view', 'acknowledge', 'administer', 'push'] as const;
export type Role = (typeof ROLES)[number];

/** What something asks for: a role, or nothing at all. */
export type Need = Role | 'anyone';

/** Whether a role is enough. */
export function isEnough(role: Role, need: Need): boolean {
  if (need === 'anyone') return true;
  if (role === 'push' || need === 'push') return role === need;
  return ROLES.indexOf(role) >= ROLES.indexOf(need);
}
