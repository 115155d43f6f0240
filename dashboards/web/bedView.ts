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
import { BedViewSpectrogram } from './bedViewSpectrogram.js';
import { viewStatus } from './bedViewStatus.js';
import type { BoardSettings } from './boardSettings.js';
import { element, setText } from './element.js';
import type { FeedEntry } from './eventFeed.js';
import { EventList } from './eventList.js';
import { ReplayBar } from './replayBar.js';
import type { OpenWaveform } from './rawEeg.js';
import { dateText } from './timeText.js';

const SETTINGS_KEY = 'chirpd.eegPage';

export interface BedViewActions {
  readonly histories: BedHistories;
  readonly openWaveform: OpenWaveform;
  readonly onBack: () => void;
  /** An event is picked out, or let go of. */
  readonly onPick: (bed: string, id: string) => void;
}

/** All that the board knows at a moment. */
export interface BedViewMoment {
  readonly nowMs: number;
  readonly serverTimeMicros: number;
  /** Clock text of the moment the connection was lost; undefined while it stands. */
  readonly lostSince: string | undefined;
  readonly settings: BoardSettings;
  readonly events: readonly FeedEntry[];
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
  readonly #back = element('button', 'tile-button bed-view-back', '← All beds');
  readonly #heading = element('h2', 'tile-name');
  readonly #source = element('span', 'tile-source');
  readonly #synthetic = element('span', 'tag tag-synthetic', 'Synthetic');
  readonly #replay = element('span', 'tag tag-replay', 'Replay');
  readonly #state = element('span', 'tile-state');
  readonly #faults = element('span', 'tile-faults');
  readonly #age = element('span', 'tile-age');
  readonly #rules = new AlarmRulesButton();
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  readonly #restyle = (): void => {
    this.#eeg.restyle();
    this.#spectrogram.restyle();
    this.#timeline.restyle();
  };
  #settings: EegSettings = readSettings(kept());

  constructor(bed: BedModel, colours: Uint32Array, actions: BedViewActions) {
    this.bed = bed;
    this.#actions = actions;
    this.#spectrogram = new BedViewSpectrogram(bed, colours);
    this.#eeg = new BedViewEeg(bed, actions.openWaveform, this.#settings, (derivation) => {
      this.#spectrogram.choose(this.#spectrogram.derivation === derivation ? 'strongest' : derivation);
    });
    this.#timeline = new BedTimeline({ bed, colours, histories: actions.histories });
    this.#controls = new BedViewControls({
      onSetting: (name, value) => {
        this.#set({ ...this.#settings, [name]: value });
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
    this.#events = new EventList(list, count, actions.onPick);
    this.#back.type = 'button';
    this.#back.title = 'Escape';
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
    panel.setAttribute('aria-label', `Chirp events of ${bed.name}`);
    eventHead.append(element('h3', '', 'Chirp events'), count);
    panel.append(eventHead, list, element('p', 'event-empty', 'No chirp so far.'));
    const body = element('div', 'bed-view-body');
    body.append(this.#eeg.root, this.#spectrogram.root, panel);
    const { replay } = bed.info;
    this.#replayBar = replay && new ReplayBar(replay.id, bed.name);
    this.root.append(
      head,
      ...(this.#replayBar ? [this.#replayBar.root] : []),
      body,
      this.#timeline.root,
      this.#help.root,
    );
    this.#dark.addEventListener('change', this.#restyle);
    this.#controls.update(this.#settings, false);
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
    this.#spectrogram.invalidate();
    this.#timeline.invalidate();
  }

  frame(nowMs: number, settings: BoardSettings): void {
    this.#eeg.frame(nowMs);
    this.#spectrogram.frame(nowMs, settings);
    this.#timeline.frame(settings);
  }

  refresh({ nowMs, serverTimeMicros, lostSince, settings, events }: BedViewMoment): void {
    const { bed } = this;
    // Its tile is hidden, and says that nobody sees the bed.
    bed.isShown = true;
    const recording = bed.isRecording(serverTimeMicros);
    const age = { nowMs, wallMs: serverTimeMicros / 1000, staleSinceMs: this.#eeg.staleSinceMs(nowMs) };
    const status = viewStatus(bed, age, recording, lostSince);
    this.root.dataset['freshness'] = status.freshness;
    this.root.dataset['paused'] = String(this.#eeg.isPaused);
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
    this.#eeg.refresh(nowMs, recording, status.notice, this.#spectrogram.derivation);
    this.#spectrogram.refresh(recording);
    const isConnected = lostSince === undefined;
    this.#timeline.refresh({ nowMs, serverTimeMicros, isConnected, isRecording: recording });
    this.#controls.update(this.#settings, this.#eeg.isPaused);
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
      case 'derivation':
        this.#spectrogram.step(command.step);
        return;
      case 'focus':
        (command.on === 'eeg' ? this.#eeg : this.#spectrogram).focus();
        return;
      case 'pause':
        this.#eeg.pause(!this.#eeg.isPaused);
        return;
      case 'help':
        this.#help.show();
        return;
      case 'back':
        this.#actions.onBack();
        return;
    }
  }

  #set(settings: EegSettings): void {
    this.#settings = settings;
    this.#eeg.set(settings);
    this.#controls.update(settings, this.#eeg.isPaused);
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
