import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { showState } from './alarmRow.js';
import { signText } from './alarmState.js';
import { alarmText } from './alarmText.js';
import { element, setText } from './element.js';

/** The alarm of a bed on its tile: the sign stands first in the head, and the frame has its colour. */
export class AlarmTile {
  readonly sign = element('strong', 'alarm-sign tile-alarm');
  readonly #tile: HTMLElement;

  constructor(tile: HTMLElement) {
    this.#tile = tile;
    this.sign.hidden = true;
  }

  /** @param alarm the most urgent of this bed; undefined: there is none */
  show(alarm: OpenAlarm | undefined): void {
    showState(this.#tile, alarm);
    this.sign.hidden = alarm === undefined;
    setText(this.sign, alarm === undefined ? '' : signText(alarm));
    const title = alarm === undefined ? '' : alarmText(alarm);
    if (this.sign.title !== title) this.sign.title = title;
  }
}
