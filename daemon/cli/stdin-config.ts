import type { RawFormat } from '../../adapters/raw/raw-stream.js';
import type { Units } from '../../adapters/units.js';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { bedSchema, type Config } from '../config/schema.js';

export interface StdinOptions {
  readonly stdin?: boolean;
  readonly channels?: readonly string[];
  readonly rate?: number;
  readonly format?: RawFormat;
  readonly units?: Units;
  readonly scale?: number;
}

const DESCRIBING = ['channels', 'rate', 'format', 'units', 'scale'] as const;

/**
 * The config with one bed that reads standard input; undefined where the options do not ask for that. A bed of kind `stdin`
 * in the config lends its settings.
 * @throws ChirpdError USAGE_STDIN
 */
export function stdinConfig(base: Config, files: readonly string[], options: StdinOptions): Config | undefined {
  const { stdin, channels, rate: sampleRate, format, units, scale } = options;
  const given = DESCRIBING.filter((name) => options[name] !== undefined);
  if (stdin !== true) {
    if (given.length === 0) return undefined;
    throw new ChirpdError('USAGE_STDIN', `--${given.join(' and --')} say what comes on standard input: add --stdin`);
  }
  if (files.length > 0) throw new ChirpdError('USAGE_STDIN', 'either --stdin or files, not both');
  const lent = base.beds.find(({ adapter }) => adapter.kind === 'stdin');
  if (given.length === 0) return { ...base, beds: [lent ?? bedOf({})] };
  if (channels === undefined || sampleRate === undefined || format === undefined) {
    throw new ChirpdError(
      'USAGE_STDIN',
      '--channels, --rate and --format go together; without them the first line of the input says what comes',
    );
  }
  const stream = { channels, sampleRate, format, ...(units && { units }), ...(scale !== undefined && { scale }) };
  return { ...base, beds: [bedOf({ ...lent, adapter: { kind: 'stdin', stream } })] };
}

function bedOf(bed: object): Config['beds'][number] {
  return bedSchema.parse({ name: 'Standard input', adapter: { kind: 'stdin' }, ...bed });
}
