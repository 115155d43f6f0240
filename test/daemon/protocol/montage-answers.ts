import type { Test } from 'tap';
import type { Documented } from './label-answers.js';

/** Asks for montages of a bed, and for its channels, and holds the answers against the document. */
export async function askForMontages(t: Test, { ask }: Pick<Documented, 'ask'>): Promise<void> {
  const template = '/v1/beds/{bed}/montages';
  const path = '/v1/beds/made-up/montages';
  t.match(await ask(t, template, path, 200), { bed: 'made-up', montages: [{ name: 'configured' }] });
  await ask(t, template, '/v1/beds/nobody/montages', 404);
  await ask(t, template, `${path}?colour=blue`, 400);
  await ask(t, template, '/v1/beds/%zz/montages', 400);
  const waveform = '/v1/beds/{bed}/waveform';
  const past = '/v1/beds/made-up/waveform?from=0&seconds=1';
  t.match(await ask(t, waveform, `${past}&montage=recorded`, 200), { derivations: [], pieces: [] });
  await ask(t, waveform, `${past}&montage=average`, 400);
}
