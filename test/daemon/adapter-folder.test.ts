import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { AdapterFolder } from '../../daemon/adapter-folder.js';
import { createLog } from '../../daemon/log.js';

/** Notes what it is told to use; takes files of three bytes alone. */
function notebook(): {
  used: Map<string, string>;
  putAdapter: (n: string, b: Uint8Array) => void;
  dropAdapter: (n: string) => void;
} {
  const used = new Map<string, string>();
  return {
    used,
    putAdapter: (name, bytes) => {
      if (bytes.length !== 3) throw new Error('of another length');
      used.set(name, Buffer.from(bytes).toString());
    },
    dropAdapter: (name) => used.delete(name),
  };
}

t.test('files that come, change, break and go', (t) => {
  const folder = t.testdir({ 'slow.adapter': 'one', 'README.txt': 'abc' });
  const lines: string[] = [];
  const log = createLog({ json: true, verbose: false, write: (line) => lines.push(line) });
  const model = notebook();
  const adapters = new AdapterFolder(folder, model, log);
  adapters.look();
  t.same([...model.used], [['slow', 'one']]);
  writeFileSync(join(folder, 'new'), 'two');
  renameSync(join(folder, 'new'), join(folder, 'slow.adapter'));
  writeFileSync(join(folder, 'wide.adapter'), 'abc');
  adapters.look();
  t.same(
    [...model.used],
    [
      ['slow', 'two'],
      ['wide', 'abc'],
    ],
  );
  writeFileSync(join(folder, 'slow.adapter'), 'broken');
  adapters.look();
  adapters.look();
  t.same(model.used.get('slow'), 'two', 'a broken file changes nothing');
  t.equal(lines.filter((line) => line.includes('refused')).length, 1, 'and is told once');
  rmSync(join(folder, 'slow.adapter'));
  adapters.look();
  t.same([...model.used], [['wide', 'abc']]);
  rmSync(folder, { recursive: true });
  adapters.look();
  adapters.look();
  t.same([...model.used], [['wide', 'abc']], 'a folder that is away changes nothing');
  t.equal(lines.filter((line) => line.includes('Cannot read')).length, 1, 'and is told once');
  mkdirSync(folder);
  adapters.look();
  t.equal(model.used.size, 0);
  t.end();
});

t.test('a link to nothing, or to itself, is told once and ends nothing', (t) => {
  const folder = t.testdir({ 'slow.adapter': 'one' });
  symlinkSync(join(folder, 'nowhere'), join(folder, 'scalp.adapter'));
  symlinkSync(join(folder, 'wide.adapter'), join(folder, 'wide.adapter'));
  const lines: string[] = [];
  const model = notebook();
  const log = createLog({ json: true, verbose: false, write: (line) => lines.push(line) });
  const adapters = new AdapterFolder(folder, model, log);
  for (let i = 0; i < 3; i++) adapters.look();
  t.same([...model.used], [['slow', 'one']]);
  t.equal(lines.filter((line) => line.includes('refused')).length, 2);
  writeFileSync(join(folder, 'nowhere'), 'two');
  adapters.look();
  t.same(model.used.get('scalp'), 'two', 'what it leads to is taken once it is there');
  t.end();
});
