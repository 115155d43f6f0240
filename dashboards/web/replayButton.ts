import { bedHash } from './bedViewRoute.js';
import { element } from './element.js';
import { ReplayDialog } from './replayDialog.js';
import { speak } from './spoken.js';
import { replayWords } from './wordsReplay.js';

/** The way to begin a replay, among the choices of the board. */
export function addReplayButton(controls: Element): void {
  const button = speak(element('button', 'tile-button replay-open'), () => replayWords().open);
  speak(button, () => replayWords().openTitle, 'title');
  button.type = 'button';
  let dialog: ReplayDialog | undefined;
  button.addEventListener('click', () => {
    dialog ??= new ReplayDialog((bed) => {
      location.hash = bedHash(bed);
    });
    dialog.open();
  });
  controls.append(button);
}
