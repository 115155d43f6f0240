import type { Answer, EmulatedDevice, PlayedSample } from '../emulators/device.js';
import {
  CHANNELS_PER_BOARD,
  CYTON_BAUD_RATE,
  CYTON_GAINS,
  CYTON_PACKET_RATE,
  type CytonGain,
  DEFAULT_GAIN,
  END_OF_TEXT,
  HIGHEST_COUNT,
  LEAD_OFF_AMPERE,
  LEAD_OFF_HZ,
  microvoltsPerCount,
  SERIES_OHMS,
} from './board.js';
import { CommandReader, type BoardCommand } from './commands.js';
import { encodeCytonPacket, PACKET_BYTES, STOP_BYTES } from './packet.js';
import { registerReport } from './registers.js';

const RESET_MS = 500;
const ANSWER_MS = 4;
/** The accelerometer tells 25 times a second. */
const ACCELEROMETER_EVERY = 10;
/** Lying flat: 1 g on z, at 0.002/16 g a count. */
const ACCELEROMETER = [0, 0, 8000];
const ZERO_AUX = [0, 0, 0, 0, 0, 0];

export interface EmulatedCytonOptions {
  readonly hasDaisy: boolean;
  /** Of each electrode, ohm; past its end, and left out: 5000. */
  readonly impedancesOhms?: readonly number[];
  /** Version to tell; `undefined` in place of one is firmware 1, which has no time stamps. */
  readonly firmware?: string | undefined;
  readonly answer: Answer;
}

interface EmulatedChannel {
  gain: CytonGain;
  isOn: boolean;
  isDriven: boolean;
}

/** A Cyton as its firmware 3 behaves over the dongle. */
export class EmulatedCyton implements EmulatedDevice {
  readonly title: string;
  readonly baudRate = CYTON_BAUD_RATE;
  readonly sampleRate = CYTON_PACKET_RATE;
  readonly bytesPerSecond = PACKET_BYTES * CYTON_PACKET_RATE;
  readonly nChannels: number;
  readonly #options: EmulatedCytonOptions;
  readonly #commands = new CommandReader(
    (command) => {
      this.#do(command);
    },
    (text) => {
      if (!this.isStreaming) this.#say(text);
    },
  );
  readonly #channels: EmulatedChannel[];
  #daisyInUse: boolean;
  isStreaming = false;
  #counter = 0;
  #hasTimeStamps = false;
  #isTimeJustSet = false;
  /** Samples since the board was switched on: its clock. */
  #nTaken = 0;
  #previous: Int32Array | undefined;

  constructor(options: EmulatedCytonOptions) {
    this.#options = options;
    this.#daisyInUse = options.hasDaisy;
    this.nChannels = options.hasDaisy ? 2 * CHANNELS_PER_BOARD : CHANNELS_PER_BOARD;
    this.title = options.hasDaisy ? 'Cyton with Daisy' : 'Cyton';
    this.#channels = Array.from({ length: this.nChannels }, defaultChannel);
  }

  receive(bytes: Uint8Array): void {
    this.#commands.push(bytes);
  }

  next(sample: PlayedSample): Uint8Array | undefined {
    if (!this.isStreaming) {
      this.#nTaken++;
      return undefined;
    }
    const counts = sample === 'lost' ? undefined : this.#convert(sample);
    const packet = this.#packet(counts);
    this.#previous = counts;
    this.#nTaken++;
    this.#counter = (this.#counter + 1) & 0xff;
    return packet;
  }

  /** With a Daisy each packet is the mean of two samples of one half; the halves alternate. */
  #packet(counts: Int32Array | undefined): Uint8Array | undefined {
    if (counts === undefined) return undefined;
    const [aux, stopByte] = this.#auxiliary();
    if (!this.#daisyInUse) return encodeCytonPacket(this.#counter, counts, aux, stopByte);
    const firstChannel = this.#counter % 2 === 0 ? CHANNELS_PER_BOARD : 0;
    const previous = this.#previous;
    if (previous === undefined && this.#counter !== 0) return undefined;
    // Integer division, toward 0, as the firmware's.
    const means = Array.from({ length: CHANNELS_PER_BOARD }, (_, i) =>
      previous === undefined ? 0 : Math.trunc((previous[firstChannel + i]! + counts[firstChannel + i]!) / 2),
    );
    return encodeCytonPacket(this.#counter, means, aux, stopByte);
  }

  #auxiliary(): [aux: readonly number[], stopByte: number] {
    const isAxis = this.#counter % ACCELEROMETER_EVERY;
    if (!this.#hasTimeStamps) {
      const aux = isAxis === 0 ? ACCELEROMETER.flatMap((count) => [(count >> 8) & 0xff, count & 0xff]) : ZERO_AUX;
      return [aux, STOP_BYTES.accelerometer];
    }
    const count = isAxis >= 7 ? ACCELEROMETER[isAxis - 7]! : 0;
    const time = this.#boardMs;
    const aux = [count >> 8, count, time >>> 24, time >>> 16, time >>> 8, time].map((byte) => byte & 0xff);
    const stopByte = this.#isTimeJustSet ? STOP_BYTES.timeSetAccelerometer : STOP_BYTES.timeAccelerometer;
    this.#isTimeJustSet = false;
    return [aux, stopByte];
  }

  /** Milliseconds since it was switched on, modulo 2^32. */
  get #boardMs(): number {
    return Math.floor((this.#nTaken * 1000) / CYTON_PACKET_RATE) % 2 ** 32;
  }

  #convert(sample: ArrayLike<number>): Int32Array {
    const phase = 2 * Math.PI * LEAD_OFF_HZ * (this.#nTaken / CYTON_PACKET_RATE);
    return Int32Array.from(this.#channels, ({ gain, isOn, isDriven }, i) => {
      if (!isOn) return 0;
      const driven = isDriven ? this.#leadOffMicrovolts(i) * Math.sin(phase) : 0;
      const count = Math.round(((sample[i] ?? 0) + driven) / microvoltsPerCount(gain));
      return Math.max(-HIGHEST_COUNT - 1, Math.min(HIGHEST_COUNT, count));
    });
  }

  #leadOffMicrovolts(channel: number): number {
    const ohms = this.#options.impedancesOhms?.[channel] ?? 5000;
    return (ohms + SERIES_OHMS) * LEAD_OFF_AMPERE * 1e6;
  }

  #do(command: BoardCommand): void {
    switch (command.type) {
      case 'start':
        this.isStreaming = true;
        this.#counter = 0;
        this.#previous = undefined;
        return;
      case 'stop':
        this.isStreaming = false;
        return;
      case 'reset':
        this.#reset();
        return;
      case 'defaults':
        this.#setDefaults();
        this.#tell('updating channel settings to default');
        return;
      case 'registers':
        this.#tell(registerReport(this.#channels, this.#daisyInUse));
        return;
      case 'version':
        this.#tell(this.#options.firmware ?? 'v3.1.2');
        return;
      case 'eight-channels':
        if (this.#daisyInUse) this.#tell('daisy removed');
        this.#daisyInUse = false;
        return;
      case 'sixteen-channels':
        this.#attachDaisy();
        return;
      case 'time-stamps':
        if (this.#isOld) return;
        this.#hasTimeStamps = command.isOn;
        this.#isTimeJustSet = command.isOn;
        this.#tell(command.isOn ? 'Time stamp ON' : 'Time stamp OFF');
        return;
      case 'power':
        this.#change(command.place, { isOn: command.isOn });
        return;
      case 'channel':
        this.#change(command.place, { isOn: command.isOn, gain: CYTON_GAINS[command.gainCode]! });
        this.#tell(`Success: Channel set for ${String(command.place + 1)}`);
        return;
      case 'lead-off':
        this.#change(command.place, { isDriven: command.p || command.n });
        this.#tell(`Success: Lead off set for ${String(command.place + 1)}`);
        return;
      case 'radio':
        this.#tell('Success: System is Up');
        return;
      case 'report-defaults':
        this.#tell('060110');
        return;
    }
  }

  get #isOld(): boolean {
    return this.#options.firmware === 'v1';
  }

  #reset(): void {
    this.isStreaming = false;
    this.#hasTimeStamps = false;
    this.#daisyInUse = this.#options.hasDaisy;
    this.#setDefaults();
    const lines = this.#isOld
      ? ['OpenBCI V3 16 channel', 'ADS1299 Device ID: 0x3E']
      : ['OpenBCI V3 8-16 channel', 'On Board ADS1299 Device ID: 0x3E'];
    if (this.#daisyInUse) lines.push('On Daisy ADS1299 Device ID: 0x3E');
    lines.push('LIS3DH Device ID: 0x33');
    if (!this.#isOld) lines.push(`Firmware: ${this.#options.firmware ?? 'v3.1.2'}`);
    this.#say(`${lines.join('\r\n')}\r\n`, RESET_MS);
  }

  #setDefaults(): void {
    this.#channels.forEach((channel) => Object.assign(channel, defaultChannel()));
  }

  #attachDaisy(): void {
    const isNew = !this.#daisyInUse;
    this.#daisyInUse = this.#options.hasDaisy;
    const found = this.#daisyInUse ? 'daisy attached' : 'no daisy to attach!';
    this.#tell(`${isNew ? found : ''}${this.#daisyInUse ? '16' : '8'}`);
  }

  #change(place: number, change: Partial<EmulatedChannel>): void {
    const channel = this.#channels[place];
    if (channel !== undefined) Object.assign(channel, change);
  }

  /** An answer, which a streaming board keeps to itself. */
  #tell(text: string): void {
    if (!this.isStreaming) this.#say(text);
  }

  #say(text: string, delayMs = ANSWER_MS): void {
    this.#options.answer(Buffer.from(`${text}${END_OF_TEXT}`, 'latin1'), delayMs);
  }
}

function defaultChannel(): EmulatedChannel {
  return { gain: DEFAULT_GAIN, isOn: true, isDriven: false };
}
