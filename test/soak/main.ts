/** The command line of `npm run soak`. */
import { writeFileSync } from 'node:fs';
import { orUsage } from '../runner/command-line.mjs';
import { readSoakOptions, SOAK_HELP, type SoakCommand } from './options.js';
import { soak, type Slope, type SoakReport } from './soak.js';

const MOST_MEGABYTES_PER_HOUR = 1;
const MOST_DELAY_MS = 20;
const N_REFERENCE_PERIODS = 3;

interface Line {
  readonly name: string;
  readonly value: string;
  readonly isRight: boolean | undefined;
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

async function run({ json, ...options }: SoakCommand): Promise<number> {
  const report = await soak({
    ...options,
    nReferencePeriods: N_REFERENCE_PERIODS,
    onProgress: (text) => process.stderr.write(`${text}\n`),
  });
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`);
  const lines = linesOf(report);
  for (const { name, value, isRight } of lines) {
    process.stdout.write(`${isRight === undefined ? '    ' : isRight ? 'ok  ' : 'FAIL'} ${name.padEnd(17)} ${value}\n`);
  }
  for (const fault of [...report.clients.faults, ...report.complaints].slice(0, 20))
    process.stdout.write(`  - ${fault}\n`);
  return lines.some(({ isRight }) => isRight === false) ? 1 : 0;
}

const options = orUsage(() => readSoakOptions(process.argv.slice(2)));
if (options === undefined) process.stdout.write(SOAK_HELP);
else process.exitCode = await run(options);
