import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { CanvasReader } from '../../models/canvas-channel.js';
import { temporaryFolder } from '../e2e/temporary-folder.js';
import { until } from '../until.js';

/** A reader and the other end of what it reads. */
function pipe(t: Test): { readonly reader: CanvasReader; readonly write: (values: Float32Array) => void } {
  const path = join(temporaryFolder(t), 'canvases');
  execFileSync('mkfifo', [path]);
  const writer = openSync(path, constants.O_RDWR);
  const reader = new CanvasReader(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  t.teardown(() => {
    closeSync(writer);
  });
  return {
    reader,
    write: (values) => {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      for (let at = 0; at < bytes.length;) at += writeSync(writer, bytes, at);
    },
  };
}

function numbers(length: number, first: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => first + i);
}

t.test('bytes before their request, after it, in parts and of several requests at once', async (t) => {
  const { reader, write } = pipe(t);
  const got: number[][] = [];
  const read = (length: number): void => {
    reader.read(length, (canvases) => {
      got.push([...canvases]);
      reader.giveBack(canvases);
    });
  };
  read(4);
  write(numbers(2, 10));
  write(numbers(2, 12));
  await until(() => got.length === 1, 'the first');
  // More than one request's worth, of which none has come.
  write(numbers(5, 20));
  await new Promise((resolve) => setTimeout(resolve, 50));
  read(2);
  read(4);
  await until(() => got.length === 2, 'what was there before');
  write(numbers(1, 25));
  await until(() => got.length === 3, 'the rest');
  t.same(got, [
    [10, 11, 12, 13],
    [20, 21],
    [22, 23, 24, 25],
  ]);
});

t.test('what came early is not written over by what came after it', async (t) => {
  const { reader, write } = pipe(t);
  for (const first of [0, 4]) {
    write(numbers(4, first));
    // Read apart from the next one.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const got = await new Promise<Float32Array>((resolve) => {
    reader.read(8, resolve);
  });
  t.same([...got], [...numbers(8, 0)]);
});

t.test('arrays are used again once they were given back', async (t) => {
  const { reader, write } = pipe(t);
  const arrays: Float32Array[] = [];
  for (let i = 0; i < 3; i++) {
    reader.read(8, (canvases) => arrays.push(canvases));
    write(numbers(8, i));
    await until(() => arrays.length === i + 1, 'an array');
    t.same([...arrays[i]!], [...numbers(8, i)]);
    if (i === 0) reader.giveBack(arrays[0]!);
  }
  t.equal(arrays[1], arrays[0]);
  t.not(arrays[2], arrays[1]);
});
