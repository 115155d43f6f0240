import { Webhook, type WebhookOptions } from './webhook.js';
import type { WebhookConfig } from './webhook-schema.js';

/** All receivers of a config. Stopped before the timeline is closed. */
export class Webhooks {
  readonly #configs: readonly WebhookConfig[];
  #webhooks: readonly Webhook[] = [];

  constructor(configs: readonly WebhookConfig[]) {
    this.#configs = configs;
  }

  /** @throws ChirpdError TIMELINE_OPEN_FAILED where their folder cannot be made */
  start(options: Omit<WebhookOptions, 'config'>): void {
    this.#webhooks = this.#configs.map((config) => new Webhook({ ...options, config }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#webhooks.map((webhook) => webhook.stop()));
  }

  /** Of each that takes no alarms, why. */
  problems(): readonly { readonly name: string; readonly problem: string }[] {
    return this.#webhooks.filter(({ problem }) => problem !== '').map(({ name, problem }) => ({ name, problem }));
  }
}
