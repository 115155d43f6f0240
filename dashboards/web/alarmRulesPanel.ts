import type { BedAlarmRules } from '../../daemon/protocol/alarm-rules.js';
import { AlarmRulesConflict } from './alarmRulesConflict.js';
import { type DraftRule, rulesKey } from './alarmRulesDraft.js';
import { AlarmRulesList } from './alarmRulesList.js';
import { AlarmRulesPreview } from './alarmRulesPreview.js';
import { type ChangedBy, getRules, putRules, RulesError } from './alarmRulesRequest.js';
import type { AlarmRulesRow } from './alarmRulesRow.js';
import { AlarmRulesSave } from './alarmRulesSave.js';
import { sourceText } from './alarmRulesSource.js';
import { daemonTimeMs } from './daemonClock.js';
import { byId, element, setText } from './element.js';
import { onLanguage } from './language.js';
import { speak } from './spoken.js';
import { clockText } from './timeText.js';
import { alarmRulesWords } from './wordsAlarmRules.js';

/** How often what is in force is asked for while the panel is open. */
const POLL_MS = 2000;
const NOT_FOUND = 404;

/** What has been entered, and what it began with. */
interface Unsaved {
  readonly base: BedAlarmRules;
  readonly drafts: readonly DraftRule[];
}

/**
 * The alarm rules of a bed, to be read and changed, in place of the board; the alarms stay in sight above. What has been
 * entered stays until it is in force or undone: over a lost connection, a daemon that starts again, and closing the panel.
 */
export class AlarmRulesPanel {
  readonly #root = byId('alarm-rules', HTMLElement);
  readonly #heading = element('h2', '');
  readonly #source = element('p', 'rules-source');
  readonly #lost = element('p', 'rules-lost');
  readonly #list = new AlarmRulesList(() => {
    this.#edited();
  });
  readonly #preview = new AlarmRulesPreview({
    onAlone: (perRule) => {
      for (const row of this.#list.rows) row.showAlone(perRule?.[this.#asked.indexOf(row)]);
    },
  });
  readonly #conflict = new AlarmRulesConflict({
    onTakeTheirs: (theirs) => {
      this.#adopt(theirs);
      this.#heading.focus();
    },
    onKeepMine: (theirs) => {
      this.#base = theirs;
      this.#theirs = undefined;
      this.#show();
      this.#heading.focus();
    },
  });
  readonly #save = new AlarmRulesSave((by) => this.#put(by));
  readonly #toConfig = speak(element('button', 'tile-button'), () => alarmRulesWords().toConfig);
  readonly #toSaved = speak(element('button', 'tile-button'), () => alarmRulesWords().toSaved);
  readonly #body = element('div', 'rules-body');
  readonly #onChange: () => void;
  #bed: string | undefined;
  #opener: HTMLElement | undefined;
  /** What the form began with. */
  #base: BedAlarmRules | undefined;
  /** What somebody else has put in force since, as long as nobody has chosen. */
  #theirs: BedAlarmRules | undefined;
  /** Rows whose rules the preview was asked for, in their order. */
  #asked: readonly AlarmRulesRow[] = [];
  /** What has been entered for other beds, by their names. */
  readonly #unsaved = new Map<string, Unsaved>();
  #lostSinceMs: number | undefined;
  #problem = '';
  #timer: number | undefined;

  /** @param onChange the panel was opened or closed, or what it holds is saved or not */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#build();
    onLanguage(() => {
      this.#list.refresh();
      this.#preview.show();
      this.#show();
    });
    addEventListener('hashchange', () => {
      this.close();
    });
    addEventListener('beforeunload', (event) => {
      if (this.#isEdited || this.#unsaved.size > 0) event.preventDefault();
    });
    // Keys of the bed's view mean nothing while the panel is in its place.
    const onKey = (event: KeyboardEvent): void => {
      const isInDialog = event.target instanceof Element && event.target.closest('dialog') !== null;
      if (!this.isOpen || isInDialog) return;
      event.stopPropagation();
      if (event.key === 'Escape') this.close();
    };
    addEventListener('keydown', onKey, { capture: true });
  }

  get isOpen(): boolean {
    return !this.#root.hidden;
  }

  /** Whether something has been entered for a bed that is not in force. */
  isUnsaved(bed: string): boolean {
    return bed === this.#bed ? this.#isEdited : this.#unsaved.has(bed);
  }

  /** @param utc the bed's times are a recording's; `opener` gets the focus back */
  open(bed: string, utc: boolean, opener: HTMLElement): void {
    this.#opener = opener;
    this.#turnTo(bed);
    this.#problem = '';
    this.#lostSinceMs = undefined;
    document.body.dataset['rules'] = 'open';
    this.#root.hidden = false;
    this.#save.open();
    this.#preview.open(bed, utc);
    if (this.#base !== undefined) this.#askPreview();
    this.#show();
    this.#heading.focus();
    void this.#poll();
  }

  close(): void {
    if (!this.isOpen) return;
    clearTimeout(this.#timer);
    this.#preview.close();
    this.#root.hidden = true;
    delete document.body.dataset['rules'];
    // The view that it was opened from may be another by now.
    const opener = this.#opener?.isConnected === true ? this.#opener : document.querySelector('.rules-button');
    if (opener instanceof HTMLElement) opener.focus();
    this.#onChange();
  }

  /** Keeps what has been entered for the bed so far, and takes up what has been for this one. */
  #turnTo(bed: string): void {
    if (bed === this.#bed && this.#isEdited) return;
    if (this.#bed !== undefined && this.#base !== undefined && this.#isEdited) {
      const drafts = this.#list.rows.map(({ draft }) => draft);
      this.#unsaved.set(this.#bed, { base: this.#base, drafts });
    }
    const unsaved = this.#unsaved.get(bed);
    this.#unsaved.delete(bed);
    this.#bed = bed;
    this.#base = unsaved?.base;
    this.#theirs = undefined;
    if (unsaved !== undefined) this.#list.takeUp(unsaved.drafts);
  }

  get #isEdited(): boolean {
    return (
      this.#base !== undefined && (!this.#list.isRight || rulesKey(this.#list.rules) !== rulesKey(this.#base.rules))
    );
  }

  get #isToConfig(): boolean {
    const base = this.#base;
    return (
      base?.source === 'person' && this.#list.isRight && rulesKey(this.#list.rules) === rulesKey(base.configured.rules)
    );
  }

  #build(): void {
    const back = speak(element('button', 'tile-button'), () => alarmRulesWords().back);
    back.title = 'Escape';
    for (const button of [back, this.#toConfig, this.#toSaved]) button.type = 'button';
    back.addEventListener('click', () => {
      this.close();
    });
    this.#toConfig.addEventListener('click', () => {
      if (this.#base !== undefined) this.#fill(this.#base.configured.rules);
    });
    this.#toSaved.addEventListener('click', () => {
      if (this.#base !== undefined) this.#fill(this.#base.rules);
      this.#heading.focus();
    });
    this.#heading.id = 'alarm-rules-heading';
    this.#heading.tabIndex = -1;
    this.#lost.setAttribute('role', 'alert');
    const head = element('header', 'rules-head');
    head.append(back, this.#heading);
    const choices = element('p', 'rules-choices');
    choices.append(this.#toSaved, this.#toConfig);
    this.#body.append(this.#list.root, choices, this.#preview.root, this.#save.root);
    this.#root.append(head, this.#source, this.#lost, this.#conflict.root, this.#body);
  }

  async #poll(): Promise<void> {
    clearTimeout(this.#timer);
    const bed = this.#bed;
    if (bed === undefined) return;
    try {
      const now = await getRules(bed);
      if (bed !== this.#bed) return;
      this.#lostSinceMs = undefined;
      this.#problem = '';
      this.#hear(now);
    } catch (error) {
      if (bed !== this.#bed) return;
      const refusal = error instanceof RulesError ? error.refusal : undefined;
      this.#problem = refusal?.status === NOT_FOUND ? alarmRulesWords().gone : (refusal?.message ?? '');
      this.#lostSinceMs ??= daemonTimeMs();
    }
    this.#show();
    if (this.isOpen) this.#timer = window.setTimeout(() => void this.#poll(), POLL_MS);
  }

  /** What is in force now. */
  #hear(now: BedAlarmRules): void {
    const base = this.#base;
    if (base === undefined) {
      this.#adopt(now);
    } else if (base.etag === now.etag) {
      this.#base = now;
      this.#theirs = undefined;
    } else if (this.#isEdited) {
      this.#theirs = now;
    } else {
      const words = alarmRulesWords();
      const { lastChange } = now;
      this.#adopt(now);
      this.#save.say('', lastChange === null ? words.adoptedUnknown : words.adopted(lastChange.name));
    }
    if (this.#preview.etag !== undefined && this.#preview.etag !== now.etag) this.#askPreview();
  }

  #adopt(now: BedAlarmRules): void {
    this.#base = now;
    this.#theirs = undefined;
    this.#fill(now.rules);
  }

  #fill(rules: BedAlarmRules['rules']): void {
    this.#list.fill(rules);
    this.#edited();
  }

  #edited(): void {
    this.#save.say('', '');
    this.#askPreview();
    this.#show();
  }

  #askPreview(): void {
    this.#asked = this.#list.rows.filter((row) => row.isRight);
    this.#preview.ask(this.#list.rules, this.#list.isRight);
  }

  async #put(by: ChangedBy): Promise<void> {
    const base = this.#base;
    const words = alarmRulesWords();
    if (base === undefined) return;
    if (!this.#list.isRight) {
      this.#list.showWrong();
      this.#save.say(words.wrongBefore, '');
      return;
    }
    const rules = this.#list.rules;
    try {
      const now = await putRules(base.bed, base.etag, this.#isToConfig ? undefined : rules, by);
      // What has been typed since then is of what is in force now.
      this.#base = now;
      this.#theirs = undefined;
      this.#save.forgetNote();
      this.#save.refuse([]);
      this.#list.refuse([]);
      this.#save.say('', now.isStored ? words.saved : words.savedNotStored);
      this.#askPreview();
    } catch (error) {
      this.#refused(error);
    }
    this.#show();
  }

  #refused(error: unknown): void {
    const refusal = error instanceof RulesError ? error.refusal : undefined;
    if (refusal?.current !== undefined) {
      this.#theirs = refusal.current;
      this.#save.say('', '');
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    if (refusal === undefined) this.#lostSinceMs ??= daemonTimeMs();
    this.#list.refuse(refusal?.issues ?? []);
    this.#save.refuse(refusal?.issues ?? []);
    this.#save.say(alarmRulesWords().notSaved(message), '');
  }

  #show(): void {
    const words = alarmRulesWords();
    const base = this.#base;
    const isLost = this.#lostSinceMs !== undefined;
    setText(this.#heading, words.heading(this.#bed ?? ''));
    const known = base === undefined ? (isLost ? '' : words.loading) : sourceText(this.#theirs ?? base);
    setText(this.#source, known);
    const lost = this.#lostSinceMs === undefined ? '' : words.lost(clockText(this.#lostSinceMs, false));
    setText(this.#lost, this.#problem === '' || !isLost ? lost : words.notLoaded(this.#problem));
    this.#conflict.show(this.#theirs);
    this.#body.hidden = base === undefined;
    const isEdited = this.#isEdited;
    this.#toSaved.disabled = !isEdited;
    this.#toConfig.disabled =
      base === undefined || (this.#list.isRight && rulesKey(this.#list.rules) === rulesKey(base.configured.rules));
    const canSave = !isLost && this.#theirs === undefined && (isEdited || this.#isToConfig);
    // What is said above may be out of sight.
    const hint = isLost ? words.lostFirst : this.#theirs === undefined ? '' : words.settleFirst;
    this.#save.refresh(canSave, this.#isToConfig, hint);
    this.#onChange();
  }
}
