import { ChirpdError } from '../../pipelines/core/errors.js';
import type { PushOptions } from './push-options.js';

/**
 * A copy of what is to be sent, refused where the daemon would refuse it.
 * @throws ChirpdError PUSH_CLIENT
 */
export function checkedSamples(
  samples: readonly ArrayLike<number>[],
  { channels }: Pick<PushOptions, 'channels'>,
): readonly Float32Array[] {
  const nSamples = samples[0]?.length ?? 0;
  if (samples.length !== channels.length || nSamples === 0 || samples.some(({ length }) => length !== nSamples)) {
    throw new ChirpdError('PUSH_CLIENT', `a block is ${channels.length} arrays of one length, one for each channel`);
  }
  const copies = samples.map((values) => Float32Array.from(values));
  if (copies.every((values) => values.every(Number.isFinite))) return copies;
  throw new ChirpdError('PUSH_CLIENT', 'a sample is no number: use `skip` for what was not measured');
}
