import type { Test } from 'tap';
import { until } from '../../until.js';
import type { Documented } from './label-answers.js';

/** Every answer that the route of past EEG gives, on the bed `made-up`. */
export async function askForWaveforms(t: Test, { url, ask }: Documented): Promise<void> {
  const template = '/v1/beds/{bed}/waveform';
  const { recordings } = (await (await fetch(new URL('/v1/recordings', url))).json()) as {
    recordings: { bed: string; startTimeMicros: number }[];
  };
  const from = recordings.find(({ bed }) => bed === 'made-up')?.startTimeMicros ?? 0;
  const path = '/v1/beds/made-up/waveform';
  await until(
    async () => {
      const answer = await ask(t, template, `${path}?from=${from}&seconds=2.5`, 200);
      return (answer as { pieces: unknown[] }).pieces.length > 0;
    },
    'samples',
    20_000,
  );
  t.match(await ask(t, template, `${path}?from=${from - 10e6}&seconds=5`, 200), { pieces: [] });
  await ask(t, template, '/v1/beds/nobody/waveform?from=0&seconds=5', 404);
  await ask(t, template, '/v1/beds/%zz/waveform?from=0&seconds=5', 400);
  for (const query of [
    'from=0',
    'seconds=1',
    'from=0&seconds=61',
    'from=0&seconds=0',
    'from=x&seconds=1',
    'from=0&seconds=1&colour=blue',
  ]) {
    await ask(t, template, `${path}?${query}`, 400);
  }
}
