import { AlarmRulesButton } from './alarmRulesButton.js';
import type { BedModel } from './bedModel.js';
import { faultsText } from './bedStatus.js';
import type { BedHistories } from './bedHistories.js';
import { BedTimeline } from './bedTimeline.js';
import { BedViewControls } from './bedViewControls.js';
import { BedViewEeg } from './bedViewEeg.js';
import { BedViewHelp } from './bedViewHelp.js';
import { commandOf, type BedViewCommand } from './bedViewKeys.js';
import { readSettings, stepped, type EegSettings } from './bedViewSettings.js';
import { markedIn, type Pointed } from './bedViewMark.js';
import { BedViewSpectrogram } from './bedViewSpectrogram.js';
import { viewStatus } from './bedViewStatus.js';
import type { BoardSettings } from './boardSettings.js';
import { element, setText } from './element.js';
import { onsetOf, type ListEntry } from './eventFeed.js';
import { labelDesk } from './eventLabelDesk.js';
import { EventList } from './eventList.js';
import { ReplayBar } from './replayBar.js';
import type { OpenWaveform } from './rawEeg.js';
import { speak } from './spoken.js';
import { dateText } from './timeText.js';
import { bedViewWords } from './wordsBedView.js';
import { pastWords } from './wordsPast.js';

/** The spectrogram moves by a pixel or so in this time. */
const SPECTROGRAM_MS = 125;
const SETTINGS_KEY = 'chirpd.eegPage';

export interface BedViewActions {
  readonly histories: BedHistories;
  readonly openWaveform: OpenWaveform;
  readonly onBack: () => void;
  /** Somebody wants to see an event: it is picked out. */
  readonly onPick: (bed: string, id: string) => void;
  /** Somebody wants to see the page that begins then, Unix microseconds; undefined: what comes now. */
  readonly onTime: (timeMicros: number | undefined) => void;
}

/** A page begins so long before what somebody wants to see on it. */
const BEFORE_SECONDS = 1.5;

/** Where a page begins that shows an event's onset, Unix microseconds. */
export function pageBefore(timeMicros: number): number {
  return timeMicros - BEFORE_SECONDS * 1e6;
}

/** All that the board knows at a moment. */
export interface BedViewMoment {
  readonly nowMs: number;
  readonly serverTimeMicros: number;
  /** Clock text of the moment the connection was lost; undefined while it stands. */
  readonly lostSince: string | undefined;
  readonly settings: BoardSettings;
  readonly events: readonly ListEntry[];
}

/** One bed in full: its EEG as a page, the spectrogram of a derivation, its events. Made anew each time it is opened. */
export class BedView {
  readonly root = element('div', 'bed-view-inside');
  readonly bed: BedModel;
  readonly #actions: BedViewActions;
  readonly #eeg: BedViewEeg;
  readonly #spectrogram: BedViewSpectrogram;
  readonly #controls: BedViewControls;
  readonly #help = new BedViewHelp();
  readonly #replayBar: ReplayBar | undefined;
  readonly #timeline: BedTimeline;
  readonly #events: EventList;
  readonly #back = speak(element('button', 'tile-button bed-view-back'), () => bedViewWords().allBeds);
  readonly #heading = element('h2', 'tile-name');
  readonly #source = element('span', 'tile-source');
  readonly #synthetic = speak(element('span', 'tag tag-synthetic'), () => bedViewWords().synthetic);
  readonly #replay = speak(element('span', 'tag tag-replay'), () => bedViewWords().replay);
  readonly #state = element('span', 'tile-state');
  readonly #faults = element('span', 'tile-faults');
  readonly #age = element('span', 'tile-age');
  readonly #badTime = speak(element('p', 'bed-view-bad-time'), () => pastWords().badTime);
  readonly #rules = new AlarmRulesButton();
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  readonly #restyle = (): void => {
    this.#eeg.restyle();
    this.#spectrogram.restyle();
    this.#timeline.restyle();
  };
  #settings: EegSettings = readSettings(kept());
  #spectrogramAtMs = Number.NEGATIVE_INFINITY;
  #isRecording = false;

  constructor(bed: BedModel, colours: Uint32Array, actions: BedViewActions) {
    this.bed = bed;
    this.#actions = actions;
    this.#spectrogram = new BedViewSpectrogram(bed, colours, {
      onChirp: ({ id, onsetTimeMicros }) => {
        actions.onPick(bed.name, id);
        actions.onTime(pageBefore(onsetTimeMicros));
      },
      onTime: (timeMicros) => {
        actions.onTime(pageBefore(timeMicros));
      },
      onMark: (pointed) => {
        this.#mark(pointed);
      },
    });
    this.#eeg = new BedViewEeg(bed, this.#settings, {
      openWaveform: actions.openWaveform,
      onChoose: (derivation) => {
        this.#spectrogram.toggle(derivation);
      },
      onTime: actions.onTime,
      onMark: (pointed) => {
        this.#mark(pointed);
      },
    });
    this.#timeline = new BedTimeline({
      bed,
      colours,
      histories: actions.histories,
      onPick: (timeMicros) => {
        actions.onTime(pageBefore(timeMicros));
      },
    });
    this.#controls = new BedViewControls({
      onSetting: (name, value) => {
        this.#set({ ...this.#settings, [name]: value });
      },
      onMontage: (name) => {
        this.#eeg.montages.choose(name);
      },
      onPause: () => {
        this.#do({ type: 'pause' });
      },
      onHelp: () => {
        this.#help.show();
      },
    });
    const list = element('ol', 'events');
    const count = element('span', 'event-count', '0');
    this.#events = new EventList(list, count, (name, id) => {
      actions.onPick(name, id);
      const onset = onsetOf(bed, id);
      if (onset !== undefined) actions.onTime(pageBefore(onset));
    });
    this.#back.type = 'button';
    speak(this.#back, () => bedViewWords().key('Esc'), 'title');
    this.#back.addEventListener('click', actions.onBack);
    const head = element('header', 'bed-view-head');
    const tags = [
      this.#replay,
      this.#synthetic,
      this.#source,
      this.#faults,
      this.#age,
      this.#state,
      this.#rules.tag,
      this.#rules.button,
    ];
    head.append(this.#back, this.#heading, ...tags, this.#controls.root);
    const panel = element('aside', 'event-panel bed-view-events');
    const eventHead = element('div', 'event-head');
    speak(panel, () => bedViewWords().eventsOf(bed.name), 'aria-label');
    eventHead.append(
      speak(element('h3', ''), () => bedViewWords().events),
      count,
    );
    panel.append(
      eventHead,
      list,
      speak(element('p', 'event-empty'), () => bedViewWords().noChirp),
    );
    const body = element('div', 'bed-view-body');
    body.append(this.#eeg.root, this.#spectrogram.root, panel);
    const { replay } = bed.info;
    this.#replayBar = replay && new ReplayBar(replay.id, bed.name);
    this.#badTime.setAttribute('role', 'alert');
    this.#badTime.hidden = true;
    this.root.append(
      head,
      this.#badTime,
      ...(this.#replayBar ? [this.#replayBar.root] : []),
      body,
      this.#timeline.root,
      this.#help.root,
    );
    this.#dark.addEventListener('change', this.#restyle);
    this.#controls.update(this.#settings, false);
  }

  /**
   * Shows the EEG of a time of the past.
   *
   * @param timeMicros where the page begins, Unix microseconds; undefined: what comes now; NaN: a time that nobody could read
   */
  showPast(timeMicros: number | undefined): void {
    const isReadable = !Number.isNaN(timeMicros ?? 0);
    this.#eeg.showTime(isReadable ? timeMicros : undefined);
    this.#badTime.hidden = isReadable;
    this.root.dataset['past'] = String(this.#eeg.past.isShown);
  }

  /** Takes the focus, which would be lost with the board that is hidden now: to the page, where the space bar pauses. */
  focus(): void {
    this.#eeg.focus();
  }

  close(): void {
    this.#dark.removeEventListener('change', this.#restyle);
    this.#eeg.close();
    this.#timeline.close();
    this.root.remove();
  }

  invalidate(): void {
    this.#eeg.invalidate();
    this.#spectrogram.invalidate();
    this.#timeline.invalidate();
  }

  /**
   * Draws one of its two pictures: what changes in a frame is painted as the one rectangle around all of it, and between
   * EEG and spectrogram lies half a wall.
   */
  frame(nowMs: number, settings: BoardSettings): void {
    if (nowMs - this.#spectrogramAtMs < SPECTROGRAM_MS) {
      this.#eeg.frame(nowMs);
      return;
    }
    this.#spectrogramAtMs = nowMs;
    this.#spectrogram.frame(nowMs, settings);
    this.#timeline.frame(settings);
  }

  refresh({ nowMs, serverTimeMicros, lostSince, settings, events }: BedViewMoment): void {
    const { bed } = this;
    // Its tile is hidden, and says that nobody sees the bed.
    bed.isShown = true;
    const recording = bed.isRecording(serverTimeMicros);
    this.#isRecording = recording;
    const staleSinceMs = this.#eeg.live.staleSinceMs(nowMs);
    const age = { nowMs, wallMs: serverTimeMicros / 1000, staleSinceMs };
    const status = viewStatus(bed, age, recording, lostSince);
    this.root.dataset['freshness'] = status.freshness;
    this.root.dataset['paused'] = String(this.#eeg.live.isPaused);
    setText(this.#heading, bed.name);
    const day = recording && bed.clockMicros > 0 ? `, ${dateText(bed.clockMicros / 1000, true)} UTC` : '';
    setText(this.#source, bed.info.source + day);
    this.#synthetic.hidden = !bed.info.synthetic;
    this.#replay.hidden = bed.info.replay === undefined;
    setText(this.#state, status.state);
    setText(this.#age, status.age);
    this.#rules.refresh(bed.info, recording);
    const faults = faultsText(bed.info);
    setText(this.#faults, faults);
    this.#faults.hidden = faults === '';
    this.#eeg.refresh({
      nowMs,
      serverTimeMicros,
      utc: recording,
      notice: status.notice,
      chosenDerivation: bed.info.derivations[this.#spectrogram.derivation ?? -1],
      chirpsShown: settings.chirpsShown,
      chosenEvent: settings.chosen?.bed === bed.name ? settings.chosen.id : undefined,
    });
    const { pastSpan } = this.#eeg;
    this.#spectrogram.refresh(recording, pastSpan);
    this.#timeline.showAt(pastSpan?.fromMicros, pastSpan && (pastSpan.toMicros - pastSpan.fromMicros) / 1e6);
    const isConnected = lostSince === undefined;
    this.#timeline.refresh({ nowMs, serverTimeMicros, isConnected, isRecording: recording });
    this.#controls.update(this.#settings, this.#eeg.live.isPaused);
    const { all, shown } = this.#eeg.montages;
    this.#controls.showMontages(
      all.map(({ name }) => name),
      shown?.name,
    );
    this.#replayBar?.refresh();
    this.#events.update(events, settings, nowMs, serverTimeMicros, lostSince);
  }

  /** @returns whether the key meant something */
  key(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    const { target, key, shiftKey } = event;
    if (this.#help.isOpen || target instanceof HTMLInputElement) return false;
    // A list takes letters for itself; Escape leaves it.
    if (target instanceof HTMLSelectElement) {
      if (key === 'Escape') this.#eeg.focus();
      return key === 'Escape';
    }
    const onButton = target instanceof HTMLElement && target.closest('button, a, summary') !== null;
    const command = commandOf({ key, shiftKey, onButton });
    if (command !== undefined) this.#do(command);
    return command !== undefined;
  }

  #do(command: BedViewCommand): void {
    switch (command.type) {
      case 'step':
        this.#set(stepped(this.#settings, command.name, command.step));
        return;
      case 'montage':
        this.#eeg.montages.step(command.step);
        return;
      case 'derivation':
        this.#spectrogram.step(command.step);
        return;
      case 'focus':
        (command.on === 'eeg' ? this.#eeg : this.#spectrogram).focus();
        return;
      case 'turn':
        this.#eeg.turn(command.step, command.by);
        return;
      case 'live':
        if (this.#eeg.past.isShown) this.#actions.onTime(undefined);
        return;
      case 'pause':
        // A page of the past stands still anyway.
        if (this.#eeg.past.isShown) this.#actions.onTime(undefined);
        else this.#eeg.pause(!this.#eeg.live.isPaused);
        return;
      case 'mark':
        this.#mark(this.#spectrogram.pointed ?? this.#eeg.pointed);
        return;
      case 'rules':
        this.#rules.open();
        return;
      case 'help':
        this.#help.show();
        return;
      case 'back':
        this.#actions.onBack();
        return;
    }
  }

  #mark(pointed: Pointed | undefined): void {
    labelDesk.mark(markedIn(this.bed, this.#isRecording, pointed, this.#eeg.pastSpan));
  }

  #set(settings: EegSettings): void {
    this.#settings = settings;
    this.#eeg.set(settings);
    this.#controls.update(settings, this.#eeg.live.isPaused);
    keep(settings);
  }
}

/** A browser may keep nothing for pages: then each view begins with the usual settings. */
function kept(): string | null {
  try {
    return localStorage.getItem(SETTINGS_KEY);
  } catch {
    return null;
  }
}

function keep(settings: EegSettings): void {
  try {
    localStorage.setItem(SETTINGS_KEY, JSON.stringify(settings));
  } catch {
    // as above
  }
}
