import type { BedInfo } from '../protocol/messages.js';

/** Longest text of one bed; the list of beds is cut off too. */
const BED_TEXT = 120;
const MAX_TOLD = 5;

/** True where the bed streams, has done what it was there for, or says why it does neither. */
export function isAccountedFor({ state, stateText }: BedInfo): boolean {
  return state !== 'starting' || stateText.startsWith('waits');
}

/**
 * One line about the beds, for `systemctl status`: `3 of 4 beds stream; Bed 4 reconnecting: no such device`. Beds by name, and
 * nothing else about a patient.
 */
export function bedsText(beds: readonly BedInfo[]): string {
  const live = beds.filter(({ replay }) => replay === undefined);
  const others = live.filter(({ state }) => state !== 'streaming');
  const told = others.slice(0, MAX_TOLD).map(({ bed, state, stateText }) => {
    const text = stateText.length > BED_TEXT ? `${stateText.slice(0, BED_TEXT)}...` : stateText;
    return `${bed} ${state}${text === '' ? '' : `: ${text}`}`;
  });
  const more = others.length > MAX_TOLD ? [`and ${others.length - MAX_TOLD} more`] : [];
  const all = live.length === 1 ? 'bed streams' : 'beds stream';
  return [`${live.length - others.length} of ${live.length} ${all}`, ...told, ...more].join('; ');
}
