import { HARMONICS, type AlarmPattern } from './alarmPattern.js';

/**
 * Puts the tones of a burst on the clock of an audio context.
 *
 * @param startSeconds by the context's clock
 * @returns the tones, so that they can be cut off
 */
export function scheduleBurst(
  context: BaseAudioContext,
  destination: AudioNode,
  { pulses }: Pick<AlarmPattern, 'pulses'>,
  fundamentalHz: number,
  startSeconds: number,
): readonly OscillatorNode[] {
  const wave = context.createPeriodicWave([0, ...HARMONICS.map(() => 0)], [0, ...HARMONICS]);
  return pulses.map((pulse) => {
    const fromSeconds = startSeconds + pulse.startSeconds;
    const toSeconds = fromSeconds + pulse.lengthSeconds;
    const envelope = new GainNode(context, { gain: 0 });
    envelope.gain.setValueAtTime(0, fromSeconds);
    envelope.gain.linearRampToValueAtTime(1, fromSeconds + pulse.riseSeconds);
    envelope.gain.setValueAtTime(1, toSeconds - pulse.fallSeconds);
    envelope.gain.linearRampToValueAtTime(0, toSeconds);
    const tone = new OscillatorNode(context, { type: 'custom', periodicWave: wave, frequency: fundamentalHz });
    tone.connect(envelope).connect(destination);
    tone.addEventListener('ended', () => {
      envelope.disconnect();
    });
    tone.start(fromSeconds);
    tone.stop(toSeconds);
    return tone;
  });
}
