import type { ChirpEvent } from '../../pipelines/core/event.js';
import type { Annotation, GapReason } from '../../pipelines/core/signal.js';
import type { ChannelState } from '../../pipelines/core/quality.js';
import type { ProfileName } from '../../pipelines/core/profile.js';
import type { AlarmRulesChange, AlarmRulesMessage } from './alarm-rules.js';

export const SUBPROTOCOL_MSGPACK = 'chirpd.v1.msgpack';
export const SUBPROTOCOL_JSON = 'chirpd.v1.json';
export const STREAM_PATH = '/v1/stream';
export const INGEST_PATH = '/v1/ingest';
/** A browser's WebSocket can send no header: a token may come as a subprotocol of this beginning. It is never the one that is chosen. */
export const BEARER_SUBPROTOCOL = 'chirpd.bearer.';

/**
 * Topics whose messages come from the timeline and carry cursors: `events` (chirps, gaps, stream starts and ends, changes of
 * the config), `alarms` (alarms, their acknowledgements, and changes of the rules that raise them) and `labels` (what persons
 * say of chirps).
 */
export const TIMELINE_TOPICS = ['events', 'alarms', 'labels'] as const;
export type TimelineTopic = (typeof TIMELINE_TOPICS)[number];
/** What a client may subscribe to. */
export const TOPICS = [...TIMELINE_TOPICS, 'trends', 'quality', 'spectrogram', 'waveform', 'channels'] as const;
export type Topic = (typeof TOPICS)[number];
/** Under which topic each kind of timeline message is subscribed to. */
export const TOPIC_OF = {
  event: 'events',
  gap: 'events',
  stream: 'events',
  config: 'events',
  alarm: 'alarms',
  acknowledgement: 'alarms',
  label: 'labels',
  alarmRules: 'alarms',
} as const satisfies Record<TimelineMessage['type'], TimelineTopic>;

/** Every code with which the daemon closes a connection. */
export const CLOSE = {
  goingAway: 1001,
  internalError: 1011,
  badMessage: 4400,
  accessEnded: 4401,
  noSubprotocol: 4406,
  cursorTooOld: 4410,
  tooManySubscribes: 4413,
  tooSlow: 4429,
} as const;

/** Of what belongs to a replay in the running daemon, and is no live bed's. */
export interface ReplayMark {
  /** Of the replay. */
  readonly id: string;
  /** 1, and one more with each seek: a stream of its own each. */
  readonly run: number;
}

export interface BedInfo {
  readonly bed: string;
  /** A recording is being replayed: nothing of it happens now. Absent: a bed of the config. */
  readonly replay?: ReplayMark;
  /** The device or file, for people. */
  readonly source: string;
  /** True where the signal is made up. */
  readonly synthetic: boolean;
  /** `reconnecting`: the device is lost, or was never there, and is tried again for as long as it takes. */
  readonly state: 'starting' | 'streaming' | 'reconnecting' | 'ended' | 'failed';
  /** Why it failed, or is lost, or what it waits for. */
  readonly stateText: string;
  readonly derivations: readonly string[];
  readonly sampleRate: number;
  readonly profiles: readonly { readonly name: ProfileName; readonly rowHz: number; readonly hopSeconds: number }[];
  readonly startTimeMicros: number;
  /** Stream time of the newest sample; 0 before the first. */
  readonly newestTimeMicros: number;
  /** Wall-clock milliseconds since the newest sample arrived; -1 before the first. */
  readonly newestAgeMs: number;
  /** Stream seconds per wall-clock second that the source is replayed at: 1 for a live device, 0 for "as fast as it goes". */
  readonly speed: number;
  /**
   * Of a live device, against the host's clock: how much faster it samples than it says (parts per million), how unevenly
   * samples arrive (standard deviation), and host time less stream time. Absent: nothing known (yet).
   */
  readonly clock?: { readonly driftPpm: number; readonly jitterMs: number; readonly offsetMs: number };
  /** Channels of the source that cannot be trusted in the newest second. Absent: nothing known (yet). */
  readonly channelFaults?: readonly { readonly label: string; readonly state: Exclude<ChannelState, 'good'> }[];
  /**
   * Of a live bed, at the stream time of its newest sample: how many chirps began in the last hour, and the share (0 to 1) of
   * 10 s pieces of the last hour and of the last five minutes in which one lies. Absent: not known (yet).
   */
  readonly chirps?: {
    readonly nLastHour: number;
    readonly burdenHour: number;
    readonly burdenFiveMinutes: number;
  };
  /** Who changed its alarm rules, where those in force are not the config's. Absent: they are. */
  readonly alarmRules?: Omit<AlarmRulesChange, 'what'> & { readonly etag: string };
  /** Detection steps that could not be run since the start, and why the last one could not. Absent: none. */
  readonly stepsLeftOut?: { readonly n: number; readonly reason: string };
  /**
   * What is left out of it because the daemon is overloaded: its trends, and all but one of so many detection steps. Absent:
   * nothing is.
   */
  readonly shed?: { readonly trends: true; readonly stepsEvery: 1 | 2 | 4 };
}

/** A chirp event as told: the deterministic event, its place in the timeline, and when it was told. */
export interface EventMessage extends ChirpEvent {
  readonly type: 'event';
  readonly cursor: number;
  /** Wall clock, Unix microseconds. */
  readonly toldTimeMicros: number;
  /** Wall-clock milliseconds from the arrival of the newest sample used to the writing of this event into the timeline. */
  readonly delayMs: number;
  /** Absent: of a live bed. */
  readonly replay?: ReplayMark;
}

/** Samples of a bed that never came, or that the daemon had to leave out. In the timeline, under topic `events`. */
export interface GapMessage {
  readonly type: 'gap';
  readonly cursor: number;
  readonly bed: string;
  readonly onsetTimeMicros: number;
  readonly offsetTimeMicros: number;
  readonly reason: GapReason;
  /** Absent: of a live bed. */
  readonly replay?: ReplayMark;
}

/**
 * A bed's stream began, lost its device, has it again, or ended, an annotation of the source passed, or more or less of it is
 * left out as the daemon is overloaded (`shed`; over with a restart). In the timeline, under topic `events`.
 */
export interface StreamMessage {
  readonly type: 'stream';
  readonly cursor: number;
  readonly bed: string;
  readonly timeMicros: number;
  readonly what: 'start' | 'lost' | 'resumed' | 'end' | 'failed' | 'annotation' | 'shed';
  readonly text: string;
  readonly annotation?: Annotation;
  /** Absent: of a live bed. */
  readonly replay?: ReplayMark;
}

export type AlarmPriority = 'high' | 'medium' | 'low';

/** About chirpd and what it hangs on, or about the patient's signal. */
export type AlarmKind = 'technical' | 'physiological';

/**
 * A step in the life of an alarm. `raised`; `changed`: another text or priority, or it is open anew as its acknowledgement has
 * lapsed or what had ended is back; `ended`: what it told of is over, and it stays open until somebody acknowledges it;
 * `cleared`: it is no longer open. In the timeline, under topic `alarms`.
 */
export interface AlarmMessage {
  readonly type: 'alarm';
  readonly cursor: number;
  /** Which bed it concerns; '' for the daemon as a whole. */
  readonly bed: string;
  /** Of this episode: what is raised again later has another. */
  readonly id: string;
  /** Of `daemon/alarms/README.md`. There is at most one alarm of a code and bed at a time. */
  readonly code: string;
  readonly kind: AlarmKind;
  readonly priority: AlarmPriority;
  readonly what: 'raised' | 'changed' | 'ended' | 'cleared';
  /** Of this step, wall clock. */
  readonly timeMicros: number;
  readonly raisedTimeMicros: number;
  /** When what it told of was over, of one that stays open after that. Absent: it goes on, or was cleared by its end. */
  readonly endedTimeMicros?: number;
  /** An acknowledgement given before holds. Absent: nobody has acknowledged it, or that has lapsed. */
  readonly isAcknowledged?: true;
  /** For people. */
  readonly text: string;
}

/** Somebody has taken note of an alarm. In the timeline, under topic `alarms`. */
export interface AcknowledgementMessage {
  readonly type: 'acknowledgement';
  readonly cursor: number;
  readonly bed: string;
  /** Id of the alarm. */
  readonly alarm: string;
  readonly code: string;
  readonly timeMicros: number;
  /** Who, as given. */
  readonly name: string;
  readonly note: string;
  /** Name of the token that was shown. Absent: nobody was asked for one. */
  readonly token?: string;
}

/**
 * What a person says of a chirp: `confirmed`: it is one, as it was told; `rejected`: it is none; `changed`: it is another
 * thing, or lies elsewhere; `added`: something lies where nothing was told.
 */
export type LabelVerdict = 'confirmed' | 'rejected' | 'changed' | 'added';

/**
 * A person has labelled an event, or a stretch of which nothing was told, or takes that back. It stands beside the event and
 * changes nothing of it. In the timeline, under topic `labels`.
 */
export interface LabelMessage {
  readonly type: 'label';
  readonly cursor: number;
  readonly bed: string;
  /** Of the label, the same when it is withdrawn. */
  readonly id: string;
  readonly what: 'given' | 'withdrawn';
  readonly verdict: LabelVerdict;
  /** Id of the event. Absent: of `added`. */
  readonly event?: string;
  /** What it is, in the person's words: `chirp`, `artifact`, `seizure`. May be '' with `rejected`. */
  readonly text: string;
  /** As `onsetTimeMicros`: its place in the order of time. */
  readonly timeMicros: number;
  /** Stream time, as the person has it; of `confirmed` and `rejected` as the event had it when it was labelled. */
  readonly onsetTimeMicros: number;
  readonly offsetTimeMicros: number;
  /** Absent: not said. */
  readonly startFrequencyHz?: number;
  readonly endFrequencyHz?: number;
  readonly profile?: ProfileName;
  /** Labels; empty: not said. */
  readonly derivations: readonly string[];
  /** Who gives it, or takes it back, as given. */
  readonly name: string;
  readonly note: string;
  /** Name of the token that was shown. Absent: nobody was asked for one. */
  readonly token?: string;
  /** Of this step, wall clock. */
  readonly saidTimeMicros: number;
  /** Absent: of a live bed. */
  readonly replay?: ReplayMark;
}

/** The daemon began to run with another config than before, at a start or by a reload. In the timeline, under topic `events`. */
export interface ConfigMessage {
  readonly type: 'config';
  readonly cursor: number;
  /** '': the daemon as a whole. */
  readonly bed: string;
  readonly timeMicros: number;
  /** Of all settings: equal ones have equal digests. */
  readonly digest: string;
  /** The first that this timeline knows: there is nothing to compare it with. */
  readonly isFirst: boolean;
  /** The first 100, in the order of keys. Values are JSON, cut short; left out where the key is not there. */
  readonly changes: readonly { readonly key: string; readonly before?: string; readonly after?: string }[];
  readonly nChanges: number;
}

export type TimelineMessage =
  | EventMessage
  | GapMessage
  | StreamMessage
  | AlarmMessage
  | AcknowledgementMessage
  | AlarmRulesMessage
  | LabelMessage
  | ConfigMessage;

/** Values of `type` of what comes from the timeline. */
export const TIMELINE_TYPES = Object.keys(TOPIC_OF) as readonly TimelineMessage['type'][];

export function isTimelineMessage(message: ServerMessage): message is TimelineMessage {
  return (TIMELINE_TYPES as readonly string[]).includes(message.type);
}

/** A record of a newer daemon's timeline: of a kind that this program does not know, with what every record has. */
export interface UnknownRecord {
  readonly type: string;
  readonly cursor: number;
  readonly bed?: unknown;
  readonly timeMicros?: unknown;
  readonly onsetTimeMicros?: unknown;
}

/** Not records, though they have a cursor: that of the newest. */
const SAY_NEWEST: readonly string[] = ['hello', 'heartbeat'];

export function isUnknownRecord(message: object): message is UnknownRecord {
  if (!('type' in message && 'cursor' in message)) return false;
  const { type, cursor } = message;
  return (
    typeof type === 'string' &&
    Number.isSafeInteger(cursor) &&
    !(TIMELINE_TYPES as readonly string[]).includes(type) &&
    !SAY_NEWEST.includes(type)
  );
}

/** An alarm that is open now, as `GET /v1/alarms`, `hello` and `heartbeat` tell it. */
export interface OpenAlarm extends Omit<AlarmMessage, 'type' | 'cursor' | 'what' | 'timeMicros' | 'isAcknowledged'> {
  /** Null: nobody has acknowledged it, or that has lapsed. */
  readonly acknowledged: Pick<AcknowledgementMessage, 'name' | 'note' | 'timeMicros' | 'token'> | null;
  /** False while the timeline does not have all of it yet: for a moment, or because the disk refuses. */
  readonly isStored: boolean;
}

/** The replay that a message of the timeline belongs to; undefined where it is of a live bed. */
export function replayOf(message: object): ReplayMark | undefined {
  return 'replay' in message ? (message.replay as ReplayMark | undefined) : undefined;
}

export interface HelloMessage {
  readonly type: 'hello';
  readonly protocol: 1;
  readonly version: string;
  readonly demonstration: boolean;
  readonly serverTimeMicros: number;
  /** Newest cursor of the timeline; subscribe with `since` to get what came after a cursor. */
  readonly cursor: number;
  readonly heartbeatSeconds: number;
  /** Zone of the unit, in which people read the times of live beds: IANA name. Absent: the daemon is older than this field. */
  readonly timeZone?: string;
  readonly beds: readonly BedInfo[];
  /** Open alarms, also those that are not in the timeline yet. Left out: there is none. */
  readonly alarms?: readonly OpenAlarm[];
}

export interface SubscribedMessage {
  readonly type: 'subscribed';
  readonly topics: readonly Topic[];
  readonly beds: readonly string[] | 'all';
  /** As it was asked for. */
  readonly minimumScore?: number;
}

/** Sent every `heartbeatSeconds`: silence longer than twice that means the connection is dead. */
export interface HeartbeatMessage {
  readonly type: 'heartbeat';
  readonly serverTimeMicros: number;
  readonly cursor: number;
  /** As in `hello`, of now: beds come and go. Absent: the daemon is older than this field. */
  readonly demonstration?: boolean;
  readonly beds: readonly BedInfo[];
  /** As in `hello`. */
  readonly alarms?: readonly OpenAlarm[];
}

/** One STFT column of every derivation. */
export interface SpectrogramMessage {
  readonly type: 'spectrogram';
  readonly bed: string;
  readonly profile: ProfileName;
  readonly column: number;
  /** Stream time of the column's centre. */
  readonly timeMicros: number;
  readonly rowHz: number;
  readonly hopSeconds: number;
  /** (nDerivations, 128) unsigned bytes, C order: dB = byte / 2 - 60. Base64 text in JSON. */
  readonly decibels: Uint8Array;
}

/** Answer of `GET /v1/beds/{bed}/spectrogram`: the newest columns of one band profile, for who has just begun to look. */
export interface SpectrogramHistory {
  readonly type: 'spectrogramHistory';
  readonly bed: string;
  readonly profile: ProfileName;
  /** Of the stream that the columns belong to: one with another start counts its columns anew. */
  readonly startTimeMicros: number;
  readonly rowHz: number;
  readonly hopSeconds: number;
  readonly nDerivations: number;
  /** Absolute column indices, rising; those that never came are left out. */
  readonly columns: readonly number[];
  /** Stream time of each column's centre. */
  readonly timesMicros: readonly number[];
  /** (nColumns, nDerivations, 128) unsigned bytes, C order: dB = byte / 2 - 60. */
  readonly decibels: Uint8Array;
}

export interface WaveformMessage {
  readonly type: 'waveform';
  readonly bed: string;
  readonly timeMicros: number;
  readonly sampleRate: number;
  readonly nSamples: number;
  /** (nDerivations, nSamples) little-endian float32 microvolts, C order. Base64 text in JSON. */
  readonly microvolts: Uint8Array;
}

/** Consecutive samples of every channel of a bed's source, filtered as its derivations are, before its montage. */
export interface ChannelsMessage extends Omit<WaveformMessage, 'type'> {
  readonly type: 'channels';
  /** Labels; two of one name are numbered. `microvolts` has (nChannels, nSamples). */
  readonly channels: readonly string[];
}

/** `configured`: the bed's own. `bipolar`: longitudinal, the double banana. `recorded`: the channels that are EEG, as they are. */
export type MontageName = 'configured' | 'bipolar' | 'transverse' | 'average' | 'recorded';

/** One derivation of a montage: sign * (channel `plus` - `minus`). */
export interface MontageDerivation {
  readonly label: string;
  /** Of `channels`. */
  readonly plus: number;
  /** Of `channels`; the mean of those that `averaged` lists and that have a value at that moment; or nothing. */
  readonly minus: number | 'average' | null;
  readonly sign: 1 | -1;
}

export interface OfferedMontage {
  readonly name: MontageName;
  readonly derivations: readonly MontageDerivation[];
  /** Its derivations that cannot be made, and why. */
  readonly leftOut: readonly { readonly label: string; readonly reason: string }[];
}

/** Answer of `GET /v1/beds/{bed}/montages`: those that make sense for what is recorded, and how they are made of it. */
export interface BedMontages {
  readonly bed: string;
  /** Of the stream; 0 before it has begun, when there are none. */
  readonly startTimeMicros: number;
  /** As topic `channels` names them. */
  readonly channels: readonly string[];
  /** Channels of the common average. */
  readonly averaged: readonly number[];
  readonly montages: readonly OfferedMontage[];
}

/** Consecutive samples of every derivation. */
export interface WaveformPiece {
  /** Stream time of the first sample. */
  readonly timeMicros: number;
  readonly nSamples: number;
  /** (nDerivations, nSamples) little-endian float32 microvolts, C order. */
  readonly microvolts: Uint8Array;
}

/** Answer of `GET /v1/beds/{bed}/waveform`: what topic `waveform` told of a bed's past, or would have told. */
export interface WaveformHistory {
  readonly type: 'waveformHistory';
  readonly bed: string;
  /** As it was asked for. */
  readonly fromTimeMicros: number;
  /**
   * All that is kept of the time before this is here (not included). Earlier than the end that was asked for only where the
   * derivations or the rate become others: ask for what comes then from here on.
   */
  readonly untilTimeMicros: number;
  readonly derivations: readonly string[];
  readonly sampleRate: number;
  /** In the order of time. Between them lies what was never recorded, or is not kept any more. */
  readonly pieces: readonly WaveformPiece[];
}

/** Once a second per bed, from the newest columns: one number per derivation in each list. */
export interface TrendsMessage {
  readonly type: 'trends';
  readonly bed: string;
  readonly timeMicros: number;
  /** Mean power density in dB over 0.5-4, 4-8, 8-13 and 13-30 Hz, as far as the band profile reaches. */
  readonly deltaDb: readonly number[];
  readonly thetaDb: readonly number[];
  readonly alphaDb: readonly number[];
  readonly betaDb: readonly number[];
  /** Frequency below which 95 % of the power above 0.5 Hz lies. */
  readonly spectralEdgeHz: readonly number[];
  /** Share (0 to 1) of the last 60 s in stretches of 0.5 s and more within 5 microvolts of zero. */
  readonly suppressionRatio: readonly number[];
  /**
   * Margins of the amplitude envelope (2 to 15 Hz, after the amplitude-integrated EEG) in the last whole second, microvolts
   * from zero to peak; 0 without a signal, and in the second after an interruption.
   */
  readonly envelopeLowerMicrovolts: readonly number[];
  readonly envelopeUpperMicrovolts: readonly number[];
}

/** The lists of `TrendsMessage`, in their order. */
export const TREND_NAMES = [
  'deltaDb',
  'thetaDb',
  'alphaDb',
  'betaDb',
  'spectralEdgeHz',
  'suppressionRatio',
  'envelopeLowerMicrovolts',
  'envelopeUpperMicrovolts',
] as const satisfies readonly (keyof TrendsMessage)[];
export type TrendName = (typeof TREND_NAMES)[number];

/** Sides of the head: the derivations whose electrodes lie over it, by their 10-20 names. */
export const REGIONS = ['left', 'right'] as const;

/** What a `BedHistory` has of one region: one value, or 128 of them, for each of its columns. */
export interface RegionHistory {
  readonly region: (typeof REGIONS)[number];
  /**
   * (nColumns) little-endian float32: share (0 to 1) of the column's time of which there is a spectrum. 0: of none of it, and
   * `decibels` mean nothing there.
   */
  readonly coverage: Uint8Array;
  /** (nColumns, 128) unsigned bytes, C order: mean power over the region's derivations, dB = byte / 2 - 60. */
  readonly decibels: Uint8Array;
  /** (nColumns) little-endian float32 each: means over the region's derivations; NaN where there is none. */
  readonly trends: Readonly<Record<TrendName, Uint8Array>>;
}

/** Answer of `GET /v1/beds/{bed}/history`: hours of a bed at a glance. */
export interface BedHistory {
  readonly type: 'bedHistory';
  readonly bed: string;
  readonly profile: ProfileName;
  readonly rowHz: number;
  /** What was asked for, in whole columns: begin of the first, end of the last. Both 0 where there is nothing yet. */
  readonly fromMicros: number;
  readonly toMicros: number;
  /** Length of a column. */
  readonly columnSeconds: number;
  /** Stream time at which each column begins, rising; a column of which nothing is there is left out. */
  readonly timesMicros: readonly number[];
  /** A region without a derivation, or of which nothing is there, is left out. */
  readonly regions: readonly RegionHistory[];
}

/** Once a second per bed: whether each channel of the source can be trusted. */
export interface QualityMessage {
  readonly type: 'quality';
  readonly bed: string;
  readonly timeMicros: number;
  readonly channels: readonly {
    readonly label: string;
    readonly state: ChannelState;
    /** Root mean square of mains hum, 50 or 60 Hz, whichever is stronger. */
    readonly humMicrovolts: number;
    /** Where the device measures it. */
    readonly impedanceOhms?: number;
  }[];
}

/** Messages of a topic that this slow client did not get. Never sent for topics of the timeline. */
export interface DroppedMessage {
  readonly type: 'dropped';
  readonly topic: Exclude<Topic, TimelineTopic>;
  readonly nMessages: number;
}

export interface ErrorMessage {
  readonly type: 'error';
  readonly code: string;
  readonly message: string;
  /** With close code 4410: the oldest cursor that is kept (0 where there is none), and the newest. */
  readonly oldestCursor?: number;
  readonly newestCursor?: number;
}

export type ServerMessage =
  | HelloMessage
  | SubscribedMessage
  | HeartbeatMessage
  | TimelineMessage
  | SpectrogramMessage
  | WaveformMessage
  | ChannelsMessage
  | TrendsMessage
  | QualityMessage
  | DroppedMessage
  | ErrorMessage;

/** Replaces the connection's subscription. */
export interface SubscribeMessage {
  readonly type: 'subscribe';
  readonly topics: readonly Topic[];
  /** Left out: all beds. */
  readonly beds?: readonly string[];
  /** 0 to 1: events whose score stays below it are left out. The first telling that reaches it comes as `onset`. */
  readonly minimumScore?: number;
  /** True: what replays tell too. Left out: only of those whose beds are named in `beds`. */
  readonly replays?: boolean;
  /** Timeline messages after this cursor come first, then live ones, none missing and none twice. Left out: live only. */
  readonly since?: number;
}

export type ClientMessage = SubscribeMessage;
