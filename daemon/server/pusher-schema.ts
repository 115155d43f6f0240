import { z } from 'zod';
import { MICROVOLTS_PER, UNITS } from '../../adapters/units.js';
import type { PushedStream } from '../../adapters/push/pusher.js';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { canonicalLabel } from '../../pipelines/core/labels.js';
import { decodeFrame } from '../protocol/codec.js';
import type { Frame, Subprotocol } from '../protocol/codec.js';
import { fromBase64 } from '../protocol/base64.js';

const MAX_CHANNELS = 256;
/** Past this a float64 does not hold every sample number and microsecond. */
const MAX_SAMPLE = 2 ** 48;

/** What people read, on one line. */
const text = (maxLength: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^[^\p{C}]+$/u, 'no control characters');

const helloSchema = z.strictObject({
  type: z.literal('hello'),
  protocol: z.literal(1),
  bed: z.string().min(1).max(200),
  stream: z
    .string()
    .min(8)
    .max(64)
    .regex(/^[\w.-]+$/, 'letters, digits, dots and dashes'),
  channels: z
    .array(
      z.strictObject({
        label: text(64),
        range: z
          .tuple([z.number(), z.number()])
          .refine(([low, high]) => low < high, 'the lower end first')
          .optional(),
      }),
    )
    .min(1)
    .max(MAX_CHANNELS),
  sampleRate: z.number().min(1).max(100_000),
  units: z.enum(UNITS),
  source: text(200),
  device: z
    .strictObject({ model: text(100), serialNumber: text(100).optional(), firmware: text(100).optional() })
    .optional(),
  startTimeMicros: z
    .int()
    .min(0)
    .max(MAX_SAMPLE * 16)
    .optional(),
  clock: z.enum(['own', 'shared']).default('own'),
  oldestSample: z.int().min(0).max(MAX_SAMPLE).default(0),
});

const blockSchema = z.strictObject({
  type: z.literal('block'),
  firstSample: z.int().min(0).max(MAX_SAMPLE),
  samples: z.union([z.instanceof(Uint8Array), z.string()], { error: 'bytes are needed, in JSON as base64 text' }),
  timeMicros: z.int().optional(),
  late: z.boolean().optional(),
});

const messageSchema = z.discriminatedUnion('type', [
  helloSchema,
  blockSchema,
  z.strictObject({ type: z.literal('end') }),
]);

export interface PusherHello {
  readonly type: 'hello';
  readonly bed: string;
  readonly stream: PushedStream;
  readonly oldestSample: number;
  /** Of one unit of the samples to come. */
  readonly microvolts: number;
}

export interface PusherBlock {
  readonly type: 'block';
  readonly firstSample: number;
  readonly bytes: Uint8Array;
  readonly timeMicros: number | undefined;
  readonly isLate: boolean;
}

const MAX_ISSUES = 3;

/** Reads a pusher's message. @throws ChirpdError PROTOCOL_BAD_MESSAGE that says what is wrong with it */
export function readPusherMessage(
  subprotocol: Subprotocol,
  frame: Frame,
  nowMicros: number,
): PusherHello | PusherBlock | { readonly type: 'end' } {
  const result = messageSchema.safeParse(decodeFrame(subprotocol, frame, true));
  if (!result.success) {
    const issues = result.error.issues.slice(0, MAX_ISSUES).map(({ path, message }) => {
      return path.length === 0 ? message : `${path.join('.')}: ${message}`;
    });
    throw badMessage(`Not a message of a pusher: ${issues.join('; ')}`);
  }
  const message = result.data;
  switch (message.type) {
    case 'hello':
      return readHello(message, nowMicros);
    case 'block': {
      const { firstSample, timeMicros, late } = message;
      return {
        type: 'block',
        firstSample,
        bytes: bytesOf(message.samples, subprotocol),
        timeMicros,
        isLate: late === true,
      };
    }
    case 'end':
      return message;
  }
}

function readHello(hello: z.output<typeof helloSchema>, nowMicros: number): PusherHello {
  const { bed, stream: id, sampleRate, units, source, device, clock, oldestSample } = hello;
  const labels = hello.channels.map(({ label }) => canonicalLabel(label));
  const twice = labels.find((label, i) => labels.indexOf(label) < i);
  if (twice !== undefined) throw badMessage(`Not a message of a pusher: two channels are called ${twice}`);
  const microvolts = MICROVOLTS_PER[units];
  const startTimeMicros = hello.startTimeMicros ?? Math.round(nowMicros - (oldestSample / sampleRate) * 1e6);
  return {
    type: 'hello',
    bed,
    oldestSample,
    microvolts,
    stream: {
      id,
      sampleRate,
      source,
      clock,
      startTimeMicros,
      channels: hello.channels.map(({ label, range }) => ({
        label,
        ...(range && { rangeMicrovolts: [range[0] * microvolts, range[1] * microvolts] as const }),
      })),
      ...(device && {
        device: {
          model: device.model,
          ...(device.serialNumber !== undefined && { serialNumber: device.serialNumber }),
          ...(device.firmware !== undefined && { firmware: device.firmware }),
        },
      }),
    },
  };
}

function bytesOf(samples: Uint8Array | string, subprotocol: Subprotocol): Uint8Array {
  if (typeof samples !== 'string') return samples;
  if (subprotocol === 'chirpd.v1.msgpack') throw badMessage('Not a message of a pusher: samples: bytes are needed');
  try {
    return fromBase64(samples);
  } catch (error) {
    throw new ChirpdError('PROTOCOL_BAD_MESSAGE', 'Not a message of a pusher: samples is not base64', { cause: error });
  }
}

function badMessage(message: string): ChirpdError {
  return new ChirpdError('PROTOCOL_BAD_MESSAGE', message);
}
