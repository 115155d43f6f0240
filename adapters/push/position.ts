import { z } from 'zod';
import type { SourcePosition } from '../../pipelines/core/signal.js';
import type { ResumePoint } from '../adapter.js';
import type { PushedStream } from './pusher.js';

const range = z.tuple([z.number(), z.number()]);

/** Where a bed is with what is pushed to it, as it outlives the process. */
const positionSchema = z.object({
  stream: z.object({
    id: z.string(),
    channels: z.array(z.object({ label: z.string(), rangeMicrovolts: range.exactOptional() })),
    sampleRate: z.number(),
    startTimeMicros: z.number(),
    source: z.string(),
    device: z
      .object({ model: z.string(), serialNumber: z.string().exactOptional(), firmware: z.string().exactOptional() })
      .exactOptional(),
    clock: z.enum(['own', 'shared']),
  }),
  /** In the pusher's count. */
  nextSample: z.int().min(0),
});

/** The pusher's stream, and its sample that is sample `sample` of the bed. */
export function pushPosition(stream: PushedStream, nextSample: number, sample: number): SourcePosition {
  return { type: 'position', sample, position: { stream, nextSample } };
}

/** The pusher's stream, and its sample that comes next. Undefined where it cannot be read: any pusher is a new one then. */
export function readPushPosition({
  position: { sample, position },
  nextSample,
}: ResumePoint): z.output<typeof positionSchema> | undefined {
  const known = positionSchema.safeParse(position).data;
  return known && { ...known, nextSample: known.nextSample + nextSample - sample };
}
