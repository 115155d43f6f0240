/** The command line of `npm run soak`. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { soak, type Slope, type SoakReport } from './soak.js';

const HELP = `npm run soak -- [options]

Runs a daemon with beds whose devices push as fast as it takes what they send, while connections break, devices are
unplugged and come back, and clients connect, resume, fall behind and leave. Then: what memory, loop delay and events
say about hours and days of it.

  --minutes N    how long (default 120)
  --beds N       beds with a signal that repeats (default 4)
  --look N       seconds from look to look at the memory (default 30)
  --json FILE    all figures
  --help         this

Ends with 1 where something is not as it must be: memory that grows by 1 MB or more for each simulated hour, a main loop
delayed by 20 ms or more (99th percentile), other events than in a shorter run, a record missed, an error in the log.
`;
const MOST_MEGABYTES_PER_HOUR = 1;
const MOST_DELAY_MS = 20;
const N_REFERENCE_PERIODS = 3;

interface Line {
  readonly name: string;
  readonly value: string;
  readonly isRight: boolean | undefined;
}

class UsageError extends Error {}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0)) throw new UsageError(`--${name} takes a number above 0, not "${text}"`);
  return value;
}

function slopeText({ megabytesPerHour, error }: Slope): string {
  return `${megabytesPerHour.toFixed(2)} MB per simulated hour (± ${error.toFixed(2)})`;
}

function linesOf(report: SoakReport): readonly Line[] {
  const { compared, clients, loopDelayP99Ms: delay, chirpsPerPeriod } = report;
  const [, ...later] = chirpsPerPeriod;
  // While what is kept fills up, memory says nothing about the hours after it.
  const isFlat = ({ megabytesPerHour }: Slope): boolean | undefined =>
    report.isWarm ? megabytesPerHour < MOST_MEGABYTES_PER_HOUR : undefined;
  return [
    {
      name: 'ran',
      value: `${report.minutes.toFixed(1)} min, ${report.bedHours.toFixed(2)} bed-hours in ${String(report.nBeds)} beds`,
      isRight: undefined,
    },
    {
      name: 'warm',
      value: report.isWarm
        ? 'all that is kept is full'
        : 'not yet: too short to judge memory by; the slopes are those of filling up',
      isRight: undefined,
    },
    { name: 'heap', value: slopeText(report.heap), isRight: isFlat(report.heap) },
    { name: 'buffers', value: slopeText(report.external), isRight: isFlat(report.external) },
    { name: 'resident', value: slopeText(report.resident), isRight: isFlat(report.resident) },
    { name: 'mapped files', value: slopeText(report.file), isRight: undefined },
    { name: 'inference', value: slopeText(report.inference), isRight: isFlat(report.inference) },
    {
      name: 'loop delay p99',
      value: `${delay.median.toFixed(1)} ms, worst ${delay.worst.toFixed(1)} ms`,
      isRight: delay.median < MOST_DELAY_MS,
    },
    {
      name: 'as a shorter run',
      value: `${String(compared.nHere)} tellings, ${String(compared.nShorter)} there, ${String(compared.nDifferent)} differ`,
      isRight: compared.nDifferent === 0 && compared.nShorter > 0,
    },
    {
      name: 'chirps a period',
      value:
        chirpsPerPeriod.length > 24
          ? `${chirpsPerPeriod.slice(0, 12).join(' ')} ... ${chirpsPerPeriod.slice(-12).join(' ')}`
          : chirpsPerPeriod.join(' '),
      isRight: new Set(later).size <= 1,
    },
    {
      name: 'records',
      value: `${String(report.nRecords)}, of them ${String(report.nEvents)} events`,
      isRight: undefined,
    },
    {
      name: 'devices',
      value: `${String(report.nBreaks)} breaks, ${String(report.nGuests)} guests, ${String(report.nUnplugged)} times unplugged`,
      isRight: undefined,
    },
    {
      name: 'clients',
      value: `${String(clients.nVisits)} visits (${String(clients.nSlow)} slow), ${String(clients.nResumed)} resumptions with ${String(clients.nFollowed)} records, ${String(clients.nRequests)} requests`,
      isRight: clients.faults.length === 0,
    },
    {
      name: 'errors',
      value: `${String(report.complaints.length)} logged, exit code ${String(report.exitCode)}`,
      isRight: report.complaints.length === 0 && report.exitCode === 0,
    },
  ];
}

try {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '120' },
      beds: { type: 'string', default: '4' },
      look: { type: 'string', default: '30' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) process.stdout.write(HELP);
  else {
    const report = await soak({
      minutes: positive('minutes', values.minutes),
      nBeds: Math.ceil(positive('beds', values.beds)),
      lookSeconds: positive('look', values.look),
      nReferencePeriods: N_REFERENCE_PERIODS,
      onProgress: (text) => process.stderr.write(`${text}\n`),
    });
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
    const lines = linesOf(report);
    for (const { name, value, isRight } of lines) {
      process.stdout.write(
        `${isRight === undefined ? '    ' : isRight ? 'ok  ' : 'FAIL'} ${name.padEnd(17)} ${value}\n`,
      );
    }
    for (const fault of [...report.clients.faults, ...report.complaints].slice(0, 20))
      process.stdout.write(`  - ${fault}\n`);
    process.exitCode = lines.some(({ isRight }) => isRight === false) ? 1 : 0;
  }
} catch (error) {
  if (!(error instanceof UsageError) && (error as NodeJS.ErrnoException).code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION')
    throw error;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}; --help says more\n`);
  process.exitCode = 2;
}
