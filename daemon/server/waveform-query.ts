import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { WaveformHistory } from '../protocol/messages.js';
import type { Waveforms } from '../waveforms/waveforms.js';
import type { Hub } from './hub.js';

/** Where the past of live beds is read. */
export type PastWaveforms = Pick<Waveforms, 'read'>;

const LONGEST_SECONDS = 60;

const paramsSchema = z.object({ bed: z.string() });
const querySchema = z.strictObject({
  from: z
    .stringFormat('whole number', /^-?\d{1,16}$/)
    .transform(Number)
    .pipe(z.int()),
  seconds: z
    .stringFormat('number', /^\d{1,9}(?:\.\d{1,9})?$/)
    .transform(Number)
    .pipe(z.number().positive().max(LONGEST_SECONDS)),
  montage: z.enum(['configured', 'recorded']).default('configured'),
});

/**
 * Answer of `GET /v1/beds/{bed}/waveform`.
 *
 * @param waveforms left out: nothing is kept
 * @param params of the route: `bed`, decoded
 * @throws ChirpdError PROTOCOL_NOT_FOUND (no such bed, or a replay's), PROTOCOL_BAD_QUERY; Error where what is kept cannot be read
 */
export async function readWaveform(
  hub: Pick<Hub, 'bed'>,
  waveforms: PastWaveforms | undefined,
  params: unknown,
  query: unknown,
): Promise<WaveformHistory> {
  const result = querySchema.safeParse(query);
  if (!result.success) {
    const issues = result.error.issues.map(({ path, message }) => `${path.join('.') || 'query'}: ${message}`);
    throw new ChirpdError('PROTOCOL_BAD_QUERY', issues.join('; '));
  }
  const { from, seconds, montage } = result.data;
  const { bed: name } = paramsSchema.parse(params);
  const bed = hub.bed(name);
  if (bed === undefined) throw new ChirpdError('PROTOCOL_NOT_FOUND', `There is no bed ${name.slice(0, 200)}`);
  if (bed.isReplay) {
    const message = `Bed ${name} is a replay, of which nothing is kept: ask for the bed that was recorded`;
    throw new ChirpdError('PROTOCOL_NOT_FOUND', message);
  }
  const span = { fromMicros: from, toMicros: from + Math.round(seconds * 1e6) };
  const info = bed.info();
  if (waveforms !== undefined) return waveforms.read(info, span, montage);
  const { sampleRate } = info;
  const { fromMicros: fromTimeMicros, toMicros: untilTimeMicros } = span;
  return {
    type: 'waveformHistory',
    bed: name,
    fromTimeMicros,
    untilTimeMicros,
    derivations: montage === 'configured' ? info.derivations : [],
    sampleRate,
    pieces: [],
  };
}
