import { endianness } from 'node:os';
import type { Subscriber } from 'rxjs';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { AdapterItem, StreamInfo } from '../../pipelines/core/signal.js';
import { SilenceWatch } from '../silence-watch.js';
import { BlockBuilder } from './block-builder.js';
import { ClockOffsetProbe } from './clock-offset.js';
import { FeedConnection } from './feed-connection.js';
import type { NumericFormat } from './formats.js';
import { fetchFullInfo } from './full-info.js';
import { GapFinder } from './gap-finder.js';
import { deviceIdentity } from './identity.js';
import { lslClock, UnixClock } from './lsl-clock.js';
import type { LslOptions } from './options.js';
import type { FoundStream } from './resolve.js';
import type { ValueOf } from './sample-reader.js';
import { selectChannels, type LslSelection } from './select.js';
import { SampleTimes } from './sample-times.js';
import type { LslStreamDescription } from './stream-description.js';

/** Longest block: what a live view is behind for. */
const BLOCK_SECONDS = 0.25;
/** From one clock reading to the next. */
const READING_SECONDS = 0.1;
/** How long the first samples wait for the offset between the clocks. */
const OFFSET_WAIT_MS = 1500;
/** Time stamps this far from now, or further in the future, are of no LSL clock. */
const OLDEST_SECONDS = 120;
const NEWEST_SECONDS = 5;
/** Without one sample that is a number on all channels for this long, the stream is of no use. */
const NO_NUMBERS_SECONDS = 5;

/** One connection to one stream, from its info to its end. */
export class Inlet {
  readonly #found: FoundStream;
  readonly #options: LslOptions;
  readonly #subscriber: Subscriber<AdapterItem>;
  readonly #signal: AbortSignal;
  readonly #unixClock = new UnixClock();
  #description: LslStreamDescription;
  #selection: LslSelection | undefined;
  #samples: BlockBuilder | undefined;
  #gaps: GapFinder | undefined;
  #times: SampleTimes | undefined;
  #probe: ClockOffsetProbe | undefined;
  #feed: FeedConnection | undefined;
  readonly #silence: SilenceWatch;
  #offsetWait: NodeJS.Timeout | undefined;
  #mayStart = false;
  #isStarted = false;
  /** Whether time stamps are of an LSL clock whose offset to ours is known. */
  #isSynchronised = false;
  #nextReading = 0;
  #nWithoutNumbers = 0;

  constructor(found: FoundStream, options: LslOptions, subscriber: Subscriber<AdapterItem>, signal: AbortSignal) {
    this.#found = found;
    this.#description = found.description;
    this.#options = options;
    this.#subscriber = subscriber;
    this.#signal = signal;
    this.#silence = new SilenceWatch({
      limitMs: options.silenceSeconds * 1000,
      onSilent: () => {
        const message = `stream "${this.#description.name}" has sent nothing for ${options.silenceSeconds} s. Is its amplifier on, and its program recording?`;
        this.#fail(new ChirpdError('LSL_SILENT', message));
      },
    });
    signal.addEventListener('abort', () => {
      this.#stop();
    });
  }

  /** Resolves when samples may come. @throws ChirpdError LSL_..., where the stream cannot be read */
  async open(): Promise<void> {
    this.#description = await fetchFullInfo(this.#found, this.#signal);
    const format = checkReadable(this.#description);
    this.#selection = selectChannels(this.#description, this.#options);
    const { sampleRate, servicePort } = this.#description;
    this.#samples = new BlockBuilder(this.#selection, sampleRate);
    this.#times = new SampleTimes(sampleRate);
    this.#gaps = new GapFinder(sampleRate);
    this.#feed = new FeedConnection(this.#found, {
      format,
      littleEndian: endianness() === 'LE',
      signal: this.#signal,
      handlers: {
        onSample: (stamp, valueOf) => {
          this.#add(stamp, valueOf);
        },
        onRead: () => {
          this.#silence.heard();
          this.#flush();
        },
        onEnd: (error) => {
          this.#fail(error);
        },
      },
    });
    await this.#feed.open();
    if (this.#signal.aborted) {
      this.#stop();
      return;
    }
    this.#silence.start();
    const start = (): void => {
      this.#mayStart = true;
      clearTimeout(this.#offsetWait);
    };
    this.#offsetWait = setTimeout(start, servicePort === 0 ? 0 : OFFSET_WAIT_MS);
    if (servicePort > 0) this.#probe = new ClockOffsetProbe(this.#found.address, servicePort, start);
  }

  #add(stamp: number | undefined, valueOf: ValueOf): void {
    const [samples, gaps] = [this.#samples!, this.#gaps!];
    const arrivedAt = lslClock();
    const bad = samples.add(valueOf);
    const verdict = gaps.add(stamp, arrivedAt);
    this.#times!.add(gaps.stamp, arrivedAt);
    this.#nWithoutNumbers = bad < 0 ? 0 : this.#nWithoutNumbers + 1;
    if (this.#nWithoutNumbers > NO_NUMBERS_SECONDS * this.#description.sampleRate) {
      const { sourceLabel } = this.#selection!.channels[bad]!;
      const message = `stream "${this.#description.name}" has sent no numbers on channel ${sourceLabel} for ${NO_NUMBERS_SECONDS} s. Leave the channel out with the adapter's option exclude`;
      this.#fail(new ChirpdError('LSL_VALUES', message));
    } else if (verdict.type === 'lost') {
      this.#start();
      this.#emit(samples.nWaiting - verdict.nAfter);
      if (!this.#subscriber.closed) this.#subscriber.next(samples.skip(verdict.nLost));
    } else if (verdict.type === 'clock-jump') {
      const message = `the clock of stream "${this.#description.name}" jumped by ${verdict.seconds.toFixed(2)} s, which no loss explains: the time of its computer was set, or its program stamps samples wrongly`;
      this.#fail(new ChirpdError('LSL_CLOCK_JUMP', message));
    }
  }

  /** Gives on what has come, except what may lie after a gap. */
  #flush(): void {
    if (this.#subscriber.closed || this.#samples!.nWaiting === 0) return;
    if (!this.#isStarted && !this.#mayStart) return;
    this.#start();
    this.#emit(this.#samples!.nWaiting - this.#gaps!.nHeld);
  }

  #start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const first = this.#times!.first;
    const offset = this.#probe?.offset;
    const age = offset === undefined ? NaN : first.arrivedAt - first.stamp - offset.seconds;
    this.#isSynchronised = age <= OLDEST_SECONDS && age >= -NEWEST_SECONDS;
    this.#subscriber.next(this.#info(first));
  }

  #info(first: { readonly stamp: number; readonly arrivedAt: number }): StreamInfo {
    const { name, hostName, sampleRate } = this.#description;
    const { channels, leftOut } = this.#selection!;
    const host = hostName === '' ? this.#found.address : hostName;
    const clock = this.#isSynchronised ? '' : ', its clock unknown';
    return {
      type: 'info',
      channels,
      leftOut,
      sampleRate,
      startTimeMicros: this.#hostMicros(first),
      source: `LSL stream ${name} from ${host}${clock}`,
      device: deviceIdentity(this.#description),
    };
  }

  #hostMicros({ stamp, arrivedAt }: { readonly stamp: number; readonly arrivedAt: number }): number {
    const offset = this.#probe?.offset;
    return this.#unixClock.micros(this.#isSynchronised && offset !== undefined ? stamp + offset.seconds : arrivedAt);
  }

  #emit(nSamples: number): void {
    const samples = this.#samples!;
    const { sampleRate } = this.#description;
    const most = Math.max(1, Math.floor(BLOCK_SECONDS * sampleRate));
    for (let left = nSamples; left > 0 && !this.#subscriber.closed; left -= most) {
      const n = Math.min(left, most);
      for (const item of samples.take(n)) this.#subscriber.next(item);
      const earliest = this.#times!.take(n, this.#isSynchronised ? 'stamp' : 'arrivedAt');
      const sample = samples.nextSample - n + earliest.place;
      if (sample < this.#nextReading) continue;
      this.#nextReading = sample + READING_SECONDS * sampleRate;
      const deviceMicros = Math.round(earliest.stamp * 1e6);
      this.#subscriber.next({ type: 'clock', sample, hostMicros: this.#hostMicros(earliest), deviceMicros });
    }
  }

  #fail(error: ChirpdError): void {
    // What came before is not lost with the rest.
    if (this.#samples !== undefined && this.#gaps !== undefined && this.#isStarted)
      this.#emit(this.#samples.nWaiting - this.#gaps.nHeld);
    this.#stop();
    this.#subscriber.error(error);
  }

  #stop(): void {
    this.#silence.stop();
    clearTimeout(this.#offsetWait);
    this.#probe?.stop();
    this.#probe = undefined;
    this.#feed?.close();
  }
}

/** @throws ChirpdError LSL_IRREGULAR, LSL_FORMAT */
function checkReadable({ name, type, sampleRate, format }: LslStreamDescription): NumericFormat {
  if (format === 'string') {
    throw new ChirpdError(
      'LSL_FORMAT',
      `stream "${name}" (type ${type}) sends texts, not a signal. Choose its program's EEG stream`,
    );
  }
  if (!(sampleRate >= 1)) {
    const rate = sampleRate === 0 ? 'an irregular rate' : `${sampleRate} Hz`;
    const message = `stream "${name}" (type ${type}) states ${rate}; EEG needs regular samples, 1 Hz or more. If its amplifier samples regularly, have its program state the rate`;
    throw new ChirpdError('LSL_IRREGULAR', message);
  }
  return format;
}
