import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Observable } from 'rxjs';
import t from 'tap';
import type { Adapter } from '../../adapters/adapter.js';
import { stdinAdapter } from '../../adapters/raw/stdin-adapter.js';
import { type StdinOptions, stdinOptionsSchema } from '../../adapters/raw/stdin-options.js';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import { adapterConformance } from './conformance.js';
import { rampMicrovolts } from './push/ramp.js';
import { rawBytes } from './raw/raw-bytes.js';

const folder = mkdtempSync(join(tmpdir(), 'chirpd-stdin-'));
t.teardown(() => {
  rmSync(folder, { recursive: true });
});
const file = join(folder, 'samples');
const header = { channels: ['F7', 'T7', 'P7'], sampleRate: 100, format: 'int24le', startTimeMicros: 1_000_000 };
const samples = Array.from({ length: 2500 }, (_, i) => [0, 1, 2].map((channel) => rampMicrovolts(channel, i)));
writeFileSync(file, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), rawBytes('int24le', samples)]));

const programs = new Set<ChildProcess>();

/** A process has one standard input; here each subscription gets a pipe from a program of its own. */
const stdinAdapterOfPipe: Adapter<StdinOptions> = {
  kind: stdinAdapter.kind,
  open: (options, context) =>
    new Observable<AdapterItem>((subscriber) => {
      const program = spawn('cat', [file], { stdio: ['ignore', 'pipe', 'ignore'] });
      programs.add(program);
      subscriber.add(() => {
        programs.delete(program);
        program.kill();
      });
      return stdinAdapter.open(options, { ...context, stdin: program.stdout }).subscribe(subscriber);
    }),
};

adapterConformance(t, {
  adapter: stdinAdapterOfPipe,
  options: stdinOptionsSchema.parse({}),
  resources: () => programs.size,
});
