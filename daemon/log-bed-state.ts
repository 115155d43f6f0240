import type { Bed } from './bed.js';
import type { Logger } from './log.js';

/** Writes each change of a bed's state into the log. */
export function logBedState(bed: Bed, log: Logger): void {
  bed.state$.subscribe(({ state, stateText }) => {
    const fields = { bed: bed.name, ...(stateText === '' ? {} : { text: stateText }) };
    if (state === 'failed') log.error(fields, 'Bed failed');
    else log.info(fields, `Bed ${state}`);
  });
}
