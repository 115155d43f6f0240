import { lastValueFrom, take, toArray } from 'rxjs';
import t from 'tap';
import { z } from 'zod';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { ADAPTERS, isAdapterKind, openAdapter, type AdapterKind } from '../../adapters/registry.js';

const context = { pacer: fullSpeedPacer() };

void t.test('every kind has a title, options with help texts, and an adapter of its name', async (t) => {
  for (const kind of Object.keys(ADAPTERS) as AdapterKind[]) {
    const { title, optionsSchema, load } = ADAPTERS[kind];
    t.ok(title.length > 10, kind);
    const options = Object.entries<z.ZodType>(optionsSchema.shape);
    t.ok(options.length > 0);
    for (const [name, option] of options) {
      t.ok((option.description ?? '').length > 10, `${kind}.${name} has a help text`);
    }
    t.match(z.toJSONSchema(optionsSchema), { type: 'object', additionalProperties: false });
    t.equal((await load()).kind, kind);
  }
});

void t.test('opens by kind, with defaults', async (t) => {
  const stream = await openAdapter('synthetic', {}, context);
  const items = await lastValueFrom(stream.pipe(take(2), toArray()));
  t.match(items, [
    { type: 'info', sampleRate: 256, synthetic: true },
    { type: 'block', firstSample: 0 },
  ]);
});

void t.test('refuses what it does not know, every wrong option by name', async (t) => {
  t.equal(isAdapterKind('toString'), false);
  await t.rejects(openAdapter('serial', {}, context), { code: 'ADAPTER_KIND' });
  await t.rejects(openAdapter('synthetic', { seed: -1, nChannels: 40, colour: 'red' }, context), {
    code: 'ADAPTER_OPTIONS',
    message: /seed: .*nChannels: .*colour/,
  });
  await t.rejects(openAdapter('edf', {}, context), { code: 'ADAPTER_OPTIONS', message: /path: / });
});
