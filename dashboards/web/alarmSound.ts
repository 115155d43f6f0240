import type { AlarmKind, AlarmPriority } from '../../daemon/protocol/messages.js';
import { FUNDAMENTAL_HZ, PATTERNS } from './alarmPattern.js';
import { PRIORITIES } from './alarmState.js';
import { scheduleBurst } from './alarmTones.js';

/** `off`: the browser waits for a gesture, or has stopped the sound; `missing`: it has no sound at all. */
export type SoundState = 'on' | 'off' | 'missing';

/** Between scheduling and the first tone: what is asked for in the past loses its rise. */
const LEAD_SECONDS = 0.03;
const CUT_SECONDS = 0.02;
const CHECK_PAUSE_SECONDS = 1;
/** An audio clock that stands still for so long is not being played. */
const STUCK_MS = 3000;

/** The loudspeaker: plays the patterns, one at a time. Needs nothing of the daemon. */
export class AlarmSound {
  readonly #context: AudioContext | undefined;
  readonly #volume: GainNode | undefined;
  #burst: { readonly gain: GainNode; readonly tones: readonly OscillatorNode[] } | undefined;
  #clockSeconds = 0;
  #movedMs = Number.POSITIVE_INFINITY;

  constructor() {
    try {
      this.#context = new AudioContext({ latencyHint: 'interactive' });
      this.#volume = new GainNode(this.#context);
      this.#volume.connect(this.#context.destination);
    } catch {
      // A browser without sound, or a computer that gives it none: the board says so.
    }
  }

  /** @param nowMs monotonic clock */
  state(nowMs: number): SoundState {
    if (this.#context === undefined) return 'missing';
    const { state, currentTime } = this.#context;
    if (state !== 'running') {
      this.#movedMs = Number.POSITIVE_INFINITY;
      return 'off';
    }
    if (currentTime !== this.#clockSeconds || this.#movedMs === Number.POSITIVE_INFINITY) this.#movedMs = nowMs;
    this.#clockSeconds = currentTime;
    return nowMs - this.#movedMs > STUCK_MS ? 'off' : 'on';
  }

  /** Must come from a gesture of the user, in most browsers. */
  async switchOn(): Promise<void> {
    await this.#context?.resume();
  }

  /** @param share of the full strength, 0 to 1 */
  setVolume(share: number): void {
    // Squared, so that the steps of a slider sound even.
    if (this.#volume !== undefined) this.#volume.gain.value = share ** 2;
  }

  play(priority: AlarmPriority, kind: AlarmKind): void {
    this.stop();
    this.#play([{ priority, kind, afterSeconds: 0 }]);
  }

  /**
   * Every pattern once, the least urgent first.
   * @returns when each begins and when all is over, seconds from now
   */
  check(): { readonly starts: readonly { priority: AlarmPriority; afterSeconds: number }[]; readonly seconds: number } {
    this.stop();
    let seconds = 0;
    const starts = [...PRIORITIES].reverse().map((priority) => {
      const afterSeconds = seconds;
      seconds += PATTERNS[priority].lengthSeconds + CHECK_PAUSE_SECONDS;
      return { priority, afterSeconds, kind: 'physiological' as const };
    });
    this.#play(starts);
    return { starts, seconds };
  }

  /** Cuts off what is being played. */
  stop(): void {
    if (this.#burst === undefined || this.#context === undefined) return;
    const { gain, tones } = this.#burst;
    this.#burst = undefined;
    const endSeconds = this.#context.currentTime + CUT_SECONDS;
    gain.gain.setTargetAtTime(0, this.#context.currentTime, CUT_SECONDS / 4);
    for (const tone of tones) tone.stop(endSeconds);
  }

  #play(bursts: readonly { priority: AlarmPriority; kind: AlarmKind; afterSeconds: number }[]): void {
    if (this.#context === undefined || this.#volume === undefined) return;
    const context = this.#context;
    const gain = new GainNode(context);
    gain.connect(this.#volume);
    const startSeconds = context.currentTime + LEAD_SECONDS;
    const tones = bursts.flatMap(({ priority, kind, afterSeconds }) =>
      scheduleBurst(context, gain, PATTERNS[priority], FUNDAMENTAL_HZ[kind], startSeconds + afterSeconds),
    );
    tones.at(-1)?.addEventListener('ended', () => {
      gain.disconnect();
    });
    this.#burst = { gain, tones };
  }
}
