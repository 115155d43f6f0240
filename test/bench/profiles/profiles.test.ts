import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { drawProfiles } from './draw.js';

function node(id: number, functionName: string, url: string, lineNumber: number, children: number[] = []) {
  return { id, callFrame: { functionName, scriptId: '1', url, lineNumber, columnNumber: 0 }, hitCount: 0, children };
}

t.test('a CPU profile becomes a picture of who took the time', (t) => {
  const folder = t.testdir();
  const chunk = join(folder, 'chunk.js');
  const lines = ['import x', '// pipelines/canvas.ts', 'function nextStep() {}', '// node_modules/rxjs/dist/next.js'];
  writeFileSync(chunk, [...lines, 'function next() {}', 'function _next() {}', ''].join('\n'));
  const url = pathToFileURL(chunk).href;
  const profile: Profiler.Profile = {
    nodes: [
      node(1, '(root)', '', 0, [2, 3, 7]),
      node(2, '(idle)', '', 0),
      node(3, 'next', url, 4, [4]),
      node(4, '_next', url, 5, [5]),
      node(5, 'nextStep', url, 2, [6]),
      node(6, 'setTimeout', 'node:timers', 9),
      node(7, '<gc>', '', 0),
    ],
    startTime: 0,
    endTime: 3e6,
    samples: [7, 2, 5, 6, 7, 4],
    timeDeltas: [1e6, 1.5e6, 200_000, 100_000, 50_000, 150_000],
  };
  writeFileSync(join(folder, 'CPU.1.cpuprofile'), JSON.stringify(profile));
  t.same(drawProfiles(folder, '2 beds & more', 1), [join(folder, 'CPU.1.svg')]);
  const svg = readFileSync(join(folder, 'CPU.1.svg'), 'utf8');
  const told = [...svg.matchAll(/<title>(.*?)<\/title>/g)].map(([, text]) => text);
  t.same(told, [
    '&lt;gc&gt;: 10.0 %, 50 ms',
    'rxjs: 90.0 %, 450 ms',
    'nextStep (pipelines/canvas.ts): 60.0 %, 300 ms',
    'setTimeout (node:timers): 20.0 %, 100 ms',
  ]);
  t.match(svg, 'at work 25.0 % of the time');
  t.match(svg, '2 beds &amp; more');
  t.same(drawProfiles(folder, 'again', 1), [], 'one that is drawn stays');
  t.end();
});

t.test('code that is not there any more is named by its file', (t) => {
  const folder = join(t.testdir(), 'profiles');
  mkdirSync(folder);
  const profile: Profiler.Profile = {
    nodes: [node(1, '(root)', '', 0, [2]), node(2, '', 'file:///gone/chunk-1.js', 3)],
    startTime: 0,
    endTime: 1,
    samples: [2],
    timeDeltas: [1000],
  };
  writeFileSync(join(folder, 'a.cpuprofile'), JSON.stringify(profile));
  drawProfiles(folder, '', 0);
  t.same(readdirSync(folder).sort(), ['a.cpuprofile', 'a.svg']);
  t.match(readFileSync(join(folder, 'a.svg'), 'utf8'), '(anonymous) (chunk-1.js): 100.0 %, 1 ms');
  t.end();
});
