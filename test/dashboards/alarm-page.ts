import type { Browser, Page } from 'playwright-core';
import type { AlarmPriority, OpenAlarm } from '../../daemon/protocol/messages.js';
import type { AlarmState } from '../e2e/alarm-history.js';

/** What became of an acknowledgement that was sent. */
export interface Answered {
  /** Of the answer; 0 where none came. */
  readonly status: number;
  /** The alarm as the daemon has it after that. */
  readonly alarm?: OpenAlarm;
}

/** A row as it stands on the page. */
interface ShownRow {
  readonly id: string;
  readonly priority: string;
  readonly sign: string;
  readonly answer: string;
}

/** A real board in a browser, and what its alarms are, as somebody in front of it sees them. */
export class AlarmPage {
  readonly page: Page;
  /** One dialog is open at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(browser: Browser, url: string): Promise<AlarmPage> {
    // Small and still: several of them are drawn by the processor, beside the daemon.
    const page = await browser.newPage({ viewport: { width: 640, height: 480 }, reducedMotion: 'reduce' });
    page.setDefaultTimeout(120_000);
    await page.addInitScript(() => {
      const shown = new Set<string>();
      Object.assign(globalThis, { shownAlarms: shown });
      const note = (): void => {
        for (const row of document.querySelectorAll<HTMLElement>('.alarm')) shown.add(row.dataset['id'] ?? '');
      };
      const watch = (): void => {
        const options = { subtree: true, childList: true, attributeFilter: ['data-id'] };
        new MutationObserver(note).observe(document.body, options);
      };
      document.addEventListener('DOMContentLoaded', watch);
    });
    await page.goto(url);
    await page.waitForSelector('#connection[data-state="live"]', { timeout: 60_000 });
    return new AlarmPage(page);
  }

  /** Every alarm that has stood in the list since the page was opened, by id. */
  async shown(): Promise<ReadonlySet<string>> {
    const ids = await this.page.evaluate(() => [
      ...(globalThis as unknown as { shownAlarms: ReadonlySet<string> }).shownAlarms,
    ]);
    return new Set(ids.filter((id) => !id.startsWith('board:')));
  }

  /** How many alarms it says came and went while it did not hear the daemon. */
  async nMissed(): Promise<number> {
    const texts = await this.page.locator('#alarm-missed li').allTextContents();
    return texts.reduce((n, text) => n + Number(/^and (\d+) before these$/.exec(text)?.[1] ?? 1), 0);
  }

  /** The alarms of the daemon that stand in the list. @param beds of each alarm, which the list need not name */
  async listed(beds: ReadonlyMap<string, string>): Promise<readonly AlarmState[]> {
    const rows = await this.page.evaluate(() =>
      Array.from(document.querySelectorAll<HTMLElement>('.alarm'), (row): ShownRow => {
        const { id = '', alarm = '' } = row.dataset;
        const text = (name: string): string => row.querySelector(name)?.textContent ?? '';
        return { id, priority: alarm, sign: text('.alarm-sign'), answer: text('.alarm-answer') };
      }),
    );
    return rows
      .filter(({ id }) => !id.startsWith('board:'))
      .map(({ id, priority, sign, answer }) => {
        const acknowledged = answer.replace(/^acknowledged by (.*) at \d\d:\d\d:\d\d/, '$1');
        const hasEnded = sign.includes(', ended');
        return { id, bed: beds.get(id) ?? '', priority: priority as AlarmPriority, hasEnded, acknowledged };
      });
  }

  /** The HTTP call that the dialog makes, made by the page. */
  async acknowledge(id: string, name: string, note: string): Promise<Answered> {
    return this.page.evaluate(
      async ([id, name, note]) => {
        try {
          const response = await fetch(`/v1/alarms/${id}/acknowledge`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ name, note }),
          });
          return { status: response.status, ...((await response.json()) as { readonly alarm?: OpenAlarm }) };
        } catch {
          return { status: 0 };
        }
      },
      [id, name, note] as const,
    );
  }

  /**
   * By the dialog, as somebody in front of the board does it.
   * @returns what the dialog says at its end; '' where it has closed, content
   */
  async acknowledgeByDialog(id: string, name: string, note: string): Promise<string> {
    const turn = this.#turn.then(() => this.#answerDialog(id, name, note));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #answerDialog(id: string, name: string, note: string): Promise<string> {
    return this.page.evaluate(
      async ([id, name, note]) => {
        const find = (selector: string): HTMLElement => document.querySelector<HTMLElement>(selector)!;
        const button = document.querySelector<HTMLButtonElement>(`.alarm[data-id="${id}"] .alarm-button`);
        if (button === null || button.hidden || button.disabled) return 'no button';
        button.click();
        const [dialog, trouble] = [find('#alarm-dialog') as HTMLDialogElement, find('#alarm-trouble')];
        if (!dialog.open) return 'no dialog';
        (find('#alarm-name') as HTMLInputElement).value = name;
        (find('#alarm-note') as HTMLInputElement).value = note;
        find('#alarm-submit').click();
        const endMs = performance.now() + 12_000;
        while (dialog.open && trouble.textContent === '' && performance.now() < endMs) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        const said = dialog.open ? trouble.textContent || 'no answer' : '';
        dialog.close();
        return said;
      },
      [id, name, note] as const,
    );
  }
}
