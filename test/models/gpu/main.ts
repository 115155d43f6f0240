/** `npm run gpu -- measure` and `-- simulate`: see HELP. */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { DEFAULT_OPTIONS } from './default-options.js';
import { deviceName, measureProvider } from './measure.js';
import { simulate, type SimulationOptions, type SimulationResult } from './simulation.js';

const HELP = `npm run gpu -- measure [--providers cuda,webgpu,cpu] [--sizes 2,8,32,128,256] [--seconds 5] [--json]
  Canvases a second by size of batch, and what the simulation takes from it, with the name of the device.

npm run gpu -- simulate [--beds 32,100,250,500,1000] [--OPTION NUMBER ...] [--json]
  A simulation, not a measurement: delay of steps and load of each part, by number of beds. Options and defaults:
${Object.entries(DEFAULT_OPTIONS)
  .filter(([name]) => name !== 'beds')
  .map(([name, value]) => `    --${dashed(name)} ${value}`)
  .join('\n')}
`;

const [command, ...rest] = process.argv.slice(2);
if (command === 'measure') await measure(rest);
else if (command === 'simulate') simulateAll(rest);
else {
  console.log(HELP);
  if (command !== '--help') process.exitCode = 2;
}

async function measure(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      providers: { type: 'string', default: 'cuda,webgpu,cpu' },
      sizes: { type: 'string', default: '2,8,32,128,256' },
      seconds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  });
  const sizes = values.sizes.split(',').map((text) => numberOf('sizes', text));
  const seconds = numberOf('seconds', values.seconds);
  const device = deviceName();
  const cpu = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`;
  if (!values.json) console.log(`device: ${device}\nprocessor: ${cpu}`);
  const measured = [];
  for (const provider of values.providers.split(',')) {
    try {
      const found = await measureProvider(provider, sizes, seconds);
      measured.push(found);
      if (values.json) continue;
      console.log(`\n${provider}: ready after ${(found.readyMs / 1000).toFixed(1)} s`);
      console.log('  batch   canvases/s   ms a run');
      for (const { batch, canvasesPerSecond, runMs } of found.batches)
        console.log(
          `  ${batch.toString().padStart(5)} ${canvasesPerSecond.toFixed(1).padStart(12)} ${runMs.toFixed(2).padStart(10)}`,
        );
      console.log(
        `  npm run gpu -- simulate --launch-ms-per-batch ${Math.max(0, found.launchMsPerBatch).toFixed(3)} --gpu-ms-per-canvas ${found.gpuMsPerCanvas.toFixed(4)}`,
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      measured.push({ provider, reason });
      if (!values.json) console.log(`\n${provider}: ${reason}`);
    }
  }
  if (values.json) console.log(JSON.stringify({ device, processor: cpu, measured }, undefined, 2));
}

function simulateAll(args: readonly string[]): void {
  const names = Object.keys(DEFAULT_OPTIONS).filter((name) => name !== 'beds') as (keyof SimulationOptions)[];
  const { values } = parseArgs({
    args: [...args],
    options: {
      beds: { type: 'string' as const },
      json: { type: 'boolean' as const },
      ...Object.fromEntries(names.map((name) => [dashed(name), { type: 'string' as const }])),
    },
  });
  const given: Record<string, string | boolean | undefined> = values;
  const options = { ...DEFAULT_OPTIONS };
  for (const name of names) {
    const text = given[dashed(name)];
    if (typeof text === 'string') Object.assign(options, { [name]: numberOf(dashed(name), text) });
  }
  const beds = (typeof given['beds'] === 'string' ? given['beds'] : '32,100,250,500,1000').split(',');
  const runs = beds.map((text) => {
    const ofThese = { ...options, beds: numberOf('beds', text) };
    return { options: ofThese, result: simulate(ofThese) };
  });
  if (given['json'] === true) {
    console.log(JSON.stringify(runs, undefined, 2));
    return;
  }
  console.log('A simulation, not a measurement. Load: part of the time in which each works (busiest daemon).');
  console.log('   beds  batch   p50 ms   p99 ms   max ms  left out   main  read   run   gpu');
  for (const run of runs) console.log(row(run.options, run.result));
}

function row({ beds }: SimulationOptions, { meanBatch, delayMs, nLeftOut, nSteps, load }: SimulationResult): string {
  const share = (value: number): string => value.toFixed(2).padStart(6);
  const ms = (value: number): string => value.toFixed(0).padStart(9);
  const left = `${((100 * nLeftOut) / nSteps).toFixed(1)} %`.padStart(10);
  const figures = `${beds.toString().padStart(7)} ${meanBatch.toFixed(0).padStart(6)}${ms(delayMs.p50)}${ms(delayMs.p99)}${ms(delayMs.max)}`;
  return `${figures}${left} ${share(load.main)}${share(load.read)}${share(load.run)}${share(load.gpu)}`;
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new Error(`--${name}: not a number: "${text}"`);
  return value;
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
