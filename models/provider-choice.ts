/** Processes that end one after the other while they run batches on a provider, before it is left out. */
const MOST_DEATHS = 2;

/**
 * Which execution providers the next inference process is to try. A fault of a driver ends the process, which cannot say
 * anything then: so a provider at whose load a process ended, or two of them one after the other at batches, is left out
 * where there is another one behind it.
 */
export class ProviderChoice {
  /** Why those that are left out are. */
  readonly passedOver: string[] = [];
  #left: readonly string[];
  #current = '';
  #isLoading = true;
  #nDeaths = 0;

  constructor(providers: readonly string[]) {
    this.#left = providers;
  }

  get left(): readonly string[] {
    return this.#left;
  }

  /** A process begins to load it. */
  tries(provider: string): void {
    this.#current = provider;
    this.#isLoading = true;
  }

  /** It is loaded, and from now on runs batches. */
  loaded(): void {
    this.#isLoading = false;
  }

  /** A batch was answered. */
  answered(): void {
    this.#nDeaths = 0;
  }

  /** The process ended. @returns whether another provider is tried now */
  ended(reason: string): boolean {
    const at = this.#left.indexOf(this.#current);
    if (at < 0 || at === this.#left.length - 1) return false;
    this.#nDeaths++;
    if (!this.#isLoading && this.#nDeaths < MOST_DEATHS) return false;
    const when = this.#isLoading ? 'while it was loaded' : 'while it ran, more than once in a row';
    this.passedOver.push(`${this.#current}: the inference process ended ${when}: ${reason}`);
    this.#left = this.#left.toSpliced(at, 1);
    this.#current = '';
    this.#nDeaths = 0;
    return true;
  }
}
