import { Subscriber } from '../../daemon/client/subscriber.js';
import type { ServerMessage } from '../../daemon/protocol/messages.js';
import { AlarmDesk } from './alarmDesk.js';
import { BedBoard } from './bedBoard.js';
import { BedHistories } from './bedHistories.js';
import { readBedHistory } from './bedHistory.js';
import { pageBefore } from './bedView.js';
import { BedViewHost } from './bedViewHost.js';
import { colourTable } from './colormap.js';
import { readSpectrogram } from './columnHistory.js';
import { noteDaemonTime } from './daemonClock.js';
import { byId } from './element.js';
import { EventFeed, onsetOf } from './eventFeed.js';
import { labelDesk } from './eventLabelDesk.js';
import { EventList } from './eventList.js';
import { readTimeline } from './history.js';
import { readBeds } from './bedList.js';
import { onLanguage } from './language.js';
import { LanguageSwitch } from './languageSwitch.js';
import type { OpenWaveform } from './rawEeg.js';
import { sayPage } from './sayPage.js';
import { addReplayButton } from './replayButton.js';
import { replayDesk } from './replayDesk.js';
import { SessionDesk } from './sessionDesk.js';
import { StatusBar } from './statusBar.js';
import { Tiles } from './tiles.js';
import { momentText } from './timeText.js';
import { Toolbar } from './toolbar.js';
import { useZone } from './unitZone.js';

/** How often texts, ages and lists are brought up to date. Pictures follow the screen's own frames. */
const REFRESH_MS = 200;
/** Where many alarms come at once, so long is waited for the next of them. */
const LEAST_REFRESH_MS = 50;

sayPage();
new LanguageSwitch();
const colours = colourTable();
const statusBar = new StatusBar();
const session = new SessionDesk();
const alarms = new AlarmDesk(refresh);
const toolbar = new Toolbar(colours);
const open =
  (topic: 'waveform' | 'channels'): OpenWaveform =>
  (bed, onMessage) => {
    const subscriber = new Subscriber({ url: location.origin, topics: [topic], beds: [bed] });
    subscriber.messages$.subscribe({ next: onMessage, error: told });
    return () => {
      subscriber.close();
    };
  };
const histories = new BedHistories({ readHistory: readBedHistory, readTimeline });
const tiles = new Tiles(byId('tiles', HTMLElement), { colours, openWaveform: open('waveform'), histories });
const subscriber = new Subscriber({
  url: location.origin,
  topics: ['events', 'alarms', 'labels', 'spectrogram'],
  replays: true,
  // The board reads over HTTP what came before.
  onTimelineLost: () => {
    board.forgetTimeline();
    histories.forgetTimeline();
    return 'newest';
  },
});
const feed = new EventFeed();
const list = new EventList(byId('events', HTMLElement), byId('event-count', HTMLElement), (bed, id) => {
  pick(bed, id);
  tiles.reveal(bed);
  const model = board.beds.get(bed);
  const onset = model && onsetOf(model, id);
  if (onset !== undefined) bedView.showPast(bed, pageBefore(onset));
});
const board = new BedBoard({
  readTimeline,
  readSpectrogram,
  readBeds,
  onBedsChanged: () => {
    tiles.arrange(board.beds);
  },
  onTimeline: (message) => {
    histories.take(message);
  },
});
const bedView = new BedViewHost({
  beds: board.beds,
  colours,
  histories,
  openWaveform: open('channels'),
  onPick: pick,
});

/** Picks an event out, and never lets go of it: whoever clicks on it wants to see it. */
function pick(bed: string, id: string): void {
  const { chosen } = toolbar.settings;
  if (chosen?.bed !== bed || chosen.id !== id) toolbar.pick(bed, id);
}

let refreshedMs = Number.NEGATIVE_INFINITY;
let refreshTimer: ReturnType<typeof setTimeout> | undefined;

/** At once, or with whatever else comes within a moment. */
function refreshSoon(): void {
  const restMs = refreshedMs + LEAST_REFRESH_MS - performance.now();
  if (restMs <= 0) refresh();
  else refreshTimer ??= setTimeout(refresh, restMs);
}

function refresh(): void {
  clearTimeout(refreshTimer);
  refreshTimer = undefined;
  const nowMs = performance.now();
  const serverTimeMs = board.serverTimeMs(nowMs);
  if (serverTimeMs !== undefined) noteDaemonTime(serverTimeMs, nowMs);
  const serverTimeMicros = (serverTimeMs ?? Date.now()) * 1000;
  // This computer's clock may be wrong: all times shown are the daemon's.
  const sinceMs = serverTimeMicros / 1000 - (Date.now() - subscriber.state.sinceMs);
  const state = session.update({ ...subscriber.state, sinceMs }, nowMs, serverTimeMicros / 1000);
  const sinceText = momentText(sinceMs, { utc: false, todayMs: serverTimeMicros / 1000 });
  statusBar.update(state, sinceText, serverTimeMs);
  board.refresh(nowMs);
  labelDesk.refresh(board.beds.values(), nowMs);
  replayDesk.refresh(
    [...board.beds.values()].some(({ info }) => info.replay !== undefined),
    nowMs,
  );
  const lostSince = state.type === 'live' ? undefined : sinceText;
  if (!session.isFirstAsking(nowMs)) alarms.update(state, lostSince, nowMs, serverTimeMicros / 1000);
  const { byBed } = alarms;
  tiles.showAlarms(byBed);
  histories.takeOpen(byBed);
  tiles.refresh(nowMs, serverTimeMicros, lostSince, toolbar.settings);
  const events = feed.entries(board.beds.values(), nowMs, (bed) => labelDesk.addedTo(bed));
  list.update(events, toolbar.settings, nowMs, serverTimeMicros, lostSince);
  bedView.refresh({ nowMs, serverTimeMicros, lostSince, settings: toolbar.settings, events });
  // From its end on: a board that takes long to refresh must get on with the rest, too.
  refreshedMs = performance.now();
}

function frame(nowMs: number): void {
  tiles.frame(nowMs, toolbar.settings);
  bedView.frame(nowMs, toolbar.settings);
  requestAnimationFrame(frame);
}

function renew(): void {
  tiles.invalidate();
  bedView.invalidate();
  refresh();
}

for (const controls of document.querySelectorAll('.controls')) addReplayButton(controls);
toolbar.onChange = renew;
onLanguage(renew);
labelDesk.onChange = renew;
// A view that is opened fills at once.
addEventListener('hashchange', refresh);
setInterval(refresh, REFRESH_MS);
requestAnimationFrame(frame);

subscriber.state$.subscribe(refresh);
subscriber.messages$.subscribe({ next: take, error: told });

function take(message: ServerMessage): void {
  if (message.type === 'hello') {
    if (message.timeZone !== undefined) useZone(message.timeZone);
    statusBar.greet(message);
    tiles.invalidate();
  }
  if (message.type === 'dropped') statusBar.dropped(message.topic, message.nMessages);
  const isAboutAlarms = alarms.take(message, performance.now());
  board.take(message, performance.now());
  labelDesk.take(message);
  if (isAboutAlarms) refreshSoon();
}

/** What ends a connection for good stands in its state, which the page shows. */
function told(): void {
  refresh();
}
