/** What is wrong with a channel, the worst first; `good`: nothing that can be told from here. */
export const CHANNEL_STATES = ['off', 'saturated', 'flat', 'hum', 'good'] as const;
export type ChannelState = (typeof CHANNEL_STATES)[number];

export interface ChannelQuality {
  /** Of the source's channel, before any montage. */
  readonly label: string;
  readonly state: ChannelState;
  /** Root mean square of mains hum, 50 or 60 Hz, whichever is stronger. */
  readonly humMicrovolts: number;
  /** As the device measured it last. */
  readonly impedanceOhms?: number;
}

/** Once a second of stream time; one entry per channel of the source. */
export interface QualityFrame {
  readonly type: 'quality';
  readonly seconds: number;
  readonly channels: readonly ChannelQuality[];
}
