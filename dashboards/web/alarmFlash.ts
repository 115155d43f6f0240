import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { isCalling } from './alarmState.js';

/** Half of a period: 2 Hz and 0.6 Hz. IEC 60601-1-8 has 1.4-2.8 Hz and 0.4-0.8 Hz. */
export const FLASH_HALF_MS = { high: 250, medium: 833 } as const;
const PRIORITIES = ['high', 'medium'] as const;

/**
 * The beat to which alarms flash: `data-flash-high` and `data-flash-medium` of the page are `on` and `off` in turn. One beat
 * for all: out of step, many alarms would flicker more than three times a second together, which can set off a fit in
 * people who look at it. And a style that changes four times a second costs less than an animation, which is
 * reckoned anew with every frame.
 */
export class AlarmFlash {
  readonly #timers = new Map<(typeof PRIORITIES)[number], number>();

  update(alarms: readonly OpenAlarm[]): void {
    for (const priority of PRIORITIES) {
      const timer = this.#timers.get(priority);
      const isFlashing = alarms.some((alarm) => alarm.priority === priority && isCalling(alarm));
      if (isFlashing === (timer !== undefined)) continue;
      if (isFlashing) this.#timers.set(priority, beat(priority));
      else this.#end(priority, timer);
    }
  }

  #end(priority: (typeof PRIORITIES)[number], timer: number | undefined): void {
    clearInterval(timer);
    this.#timers.delete(priority);
    document.documentElement.removeAttribute(`data-flash-${priority}`);
  }
}

function beat(priority: (typeof PRIORITIES)[number]): number {
  const page = document.documentElement;
  const name = `data-flash-${priority}`;
  page.setAttribute(name, 'on');
  return window.setInterval(() => {
    page.setAttribute(name, page.getAttribute(name) === 'on' ? 'off' : 'on');
  }, FLASH_HALF_MS[priority]);
}
