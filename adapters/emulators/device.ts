/** A sample of each channel of the played signal in microvolts; `lost`: the device makes a packet that never arrives. */
export type PlayedSample = ArrayLike<number> | 'lost';

/** The inside of an emulated device: bytes in, bytes out; no ports, no clocks. */
export interface EmulatedDevice {
  /** What it is, for people. */
  readonly title: string;
  readonly baudRate: number;
  /** Samples a second of each channel that it takes. */
  readonly sampleRate: number;
  readonly nChannels: number;
  /** Bytes a second that it sends. */
  readonly bytesPerSecond: number;
  /** Whether it sends samples now. */
  readonly isStreaming: boolean;
  /** Takes what a program sends. `answer` may be called now or later. */
  receive(bytes: Uint8Array): void;
  /** Takes the next sample, also while it does not stream. @returns what goes over the line, if anything does with it */
  next(sample: PlayedSample): Uint8Array | undefined;
}

/** What a device sends besides its samples, and after how many milliseconds. */
export type Answer = (bytes: Uint8Array, delayMs: number) => void;

export type CreateDevice = (answer: Answer) => EmulatedDevice;

/** A signal that a device plays. */
export interface PlayedSignal {
  /** The next sample, `undefined` while none is there yet, or `end`. */
  next(): PlayedSample | 'end' | undefined;
  close(): void;
}
