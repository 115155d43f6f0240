import { Subscriber } from '../../daemon/client/subscriber.js';
import { AlarmDesk } from './alarmDesk.js';
import { BedBoard } from './bedBoard.js';
import { pageBefore } from './bedView.js';
import { BedViewHost } from './bedViewHost.js';
import { colourTable } from './colormap.js';
import { readSpectrogram } from './columnHistory.js';
import { byId } from './element.js';
import { EventFeed } from './eventFeed.js';
import { EventList } from './eventList.js';
import { readTimeline } from './history.js';
import { readBeds } from './bedList.js';
import type { OpenWaveform } from './rawEeg.js';
import { StatusBar } from './statusBar.js';
import { Tiles } from './tiles.js';
import { clockText } from './timeText.js';
import { Toolbar } from './toolbar.js';

/** How often texts, ages and lists are brought up to date. Pictures follow the screen's own frames. */
const REFRESH_MS = 200;

const colours = colourTable();
const statusBar = new StatusBar();
const alarms = new AlarmDesk(refresh);
const toolbar = new Toolbar(colours);
const open =
  (topic: 'waveform' | 'channels'): OpenWaveform =>
  (bed, onMessage) => {
    const subscriber = new Subscriber({ url: location.origin, topics: [topic], beds: [bed] });
    subscriber.messages$.subscribe(onMessage);
    return () => {
      subscriber.close();
    };
  };
const tiles = new Tiles(byId('tiles', HTMLElement), colours, open('waveform'));
const subscriber = new Subscriber({
  url: location.origin,
  topics: ['events', 'alarms', 'spectrogram'],
  replays: true,
  // The board reads over HTTP what came before.
  onTimelineLost: () => {
    board.forgetTimeline();
    return 'newest';
  },
});
const feed = new EventFeed();
const list = new EventList(byId('events', HTMLElement), byId('event-count', HTMLElement), (bed, id) => {
  pick(bed, id);
  tiles.reveal(bed);
  const onset = board.beds.get(bed)?.events.find((event) => event.id === id)?.onsetTimeMicros;
  if (onset !== undefined) bedView.showPast(bed, pageBefore(onset));
});
const board = new BedBoard({
  readTimeline,
  readSpectrogram,
  readBeds,
  onBedsChanged: () => {
    tiles.arrange(board.beds);
  },
});
const bedView = new BedViewHost({
  beds: board.beds,
  colours,
  openWaveform: open('channels'),
  onPick: pick,
});

/** Picks an event out, and never lets go of it: whoever clicks on it wants to see it. */
function pick(bed: string, id: string): void {
  const { chosen } = toolbar.settings;
  if (chosen?.bed !== bed || chosen.id !== id) toolbar.pick(bed, id);
}

function refresh(): void {
  const nowMs = performance.now();
  const serverTimeMs = board.serverTimeMs(nowMs);
  const serverTimeMicros = (serverTimeMs ?? Date.now()) * 1000;
  // This computer's clock may be wrong: all times shown are the daemon's.
  const sinceMs = serverTimeMicros / 1000 - (Date.now() - subscriber.state.sinceMs);
  const state = { ...subscriber.state, sinceMs };
  statusBar.update(state, serverTimeMs);
  board.refresh(nowMs);
  const lostSince = state.type === 'live' ? undefined : clockText(state.sinceMs, false);
  alarms.update(state, nowMs, serverTimeMicros / 1000);
  tiles.showAlarms(alarms.byBed);
  tiles.refresh(nowMs, serverTimeMicros, lostSince, toolbar.settings);
  const events = feed.entries(board.beds.values(), nowMs);
  list.update(events, toolbar.settings, nowMs, serverTimeMicros, lostSince);
  bedView.refresh({ nowMs, serverTimeMicros, lostSince, settings: toolbar.settings, events });
}

function frame(nowMs: number): void {
  tiles.frame(nowMs, toolbar.settings);
  bedView.frame(nowMs, toolbar.settings);
  requestAnimationFrame(frame);
}

toolbar.onChange = () => {
  tiles.invalidate();
  bedView.invalidate();
  refresh();
};
setInterval(refresh, REFRESH_MS);
requestAnimationFrame(frame);

subscriber.state$.subscribe(refresh);
subscriber.messages$.subscribe((message) => {
  if (message.type === 'hello') statusBar.greet(message);
  if (message.type === 'dropped') statusBar.dropped(message.topic, message.nMessages);
  const isAboutAlarms = alarms.take(message, performance.now());
  board.take(message, performance.now());
  if (isAboutAlarms) refresh();
});
