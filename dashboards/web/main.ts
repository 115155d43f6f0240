import { decodeServerMessage, encodeClientMessage } from '../../daemon/protocol/codec.js';
import { STREAM_PATH, SUBPROTOCOL_MSGPACK, type ClientMessage } from '../../daemon/protocol/messages.js';
import { AlarmBar } from './alarmBar.js';
import { AlarmStore } from './alarmStore.js';
import { BedBoard } from './bedBoard.js';
import { colourTable } from './colormap.js';
import { readSpectrogram } from './columnHistory.js';
import { Connection, type ConnectionState } from './connection.js';
import { byId } from './element.js';
import { EventFeed } from './eventFeed.js';
import { EventList } from './eventList.js';
import { readTimeline } from './history.js';
import { readBeds } from './bedList.js';
import { StatusBar } from './statusBar.js';
import { Tiles } from './tiles.js';
import { clockText } from './timeText.js';
import { Toolbar } from './toolbar.js';

/** How often texts, ages and lists are brought up to date. Pictures follow the screen's own frames. */
const REFRESH_MS = 200;

const colours = colourTable();
const statusBar = new StatusBar();
const alarms = new AlarmStore();
const alarmBar = new AlarmBar();
const toolbar = new Toolbar(colours);
const wire = {
  url: `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}${STREAM_PATH}`,
  encode: (message: ClientMessage) => encodeClientMessage(SUBPROTOCOL_MSGPACK, message),
  decode: (data: Uint8Array) => decodeServerMessage(SUBPROTOCOL_MSGPACK, data),
};
const tiles = new Tiles(byId('tiles', HTMLElement), colours, (bed, onMessage) => {
  const ignore = (): void => undefined;
  const connection = new Connection({
    ...wire,
    topics: ['waveform'],
    beds: [bed],
    onMessage,
    onState: ignore,
    onTimelineLost: ignore,
  });
  return () => {
    connection.close();
  };
});
const feed = new EventFeed();
const list = new EventList(byId('events', HTMLElement), byId('event-count', HTMLElement), (bed, id) => {
  if (toolbar.pick(bed, id)) tiles.reveal(bed);
});
const board = new BedBoard({
  readTimeline,
  readSpectrogram,
  readBeds,
  onBedsChanged: () => {
    tiles.arrange(board.beds);
  },
});
let connectionState: ConnectionState = { type: 'connecting', sinceMs: Date.now() };

function refresh(): void {
  const nowMs = performance.now();
  const serverTimeMs = board.serverTimeMs(nowMs);
  const serverTimeMicros = (serverTimeMs ?? Date.now()) * 1000;
  statusBar.update(connectionState, serverTimeMs);
  board.refresh(nowMs);
  const lostSince = connectionState.type === 'open' ? undefined : clockText(connectionState.sinceMs, false);
  alarmBar.update(alarms.open, serverTimeMicros / 1000, lostSince);
  tiles.refresh(nowMs, serverTimeMicros, lostSince, toolbar.settings);
  list.update(feed.entries(board.beds.values(), nowMs), toolbar.settings, nowMs, serverTimeMicros, lostSince);
}

function frame(nowMs: number): void {
  tiles.frame(nowMs, toolbar.settings);
  requestAnimationFrame(frame);
}

toolbar.onChange = () => {
  tiles.invalidate();
  refresh();
};
setInterval(refresh, REFRESH_MS);
requestAnimationFrame(frame);

new Connection({
  ...wire,
  topics: ['events', 'alarms', 'spectrogram'],
  onMessage: (message) => {
    if (message.type === 'hello') statusBar.greet(message);
    if (message.type === 'dropped') statusBar.dropped(message.topic, message.nMessages);
    alarms.take(message);
    board.take(message, performance.now());
  },
  onState: (state) => {
    connectionState = state;
    refresh();
  },
  onTimelineLost: () => {
    board.forgetTimeline();
  },
});
