import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { openPseudoTerminal } from '../../adapters/emulators/pseudo-terminal.js';
import { openSerialLine } from '../../adapters/serial/line.js';

t.test('what was sent before the end reaches a reader that is late', async (t) => {
  const terminal = await openPseudoTerminal({ keepBytes: 20_000, onBytes: () => undefined });
  let nBytes = 0;
  const lost = new Promise<string>((resolve) => {
    void openSerialLine({
      path: terminal.path,
      baudRate: 115_200,
      onBytes: (bytes) => {
        nBytes += bytes.length;
      },
      onLost: ({ code }) => {
        resolve(code);
      },
    });
  });
  await sleep(100);
  // More than the terminal itself holds (4096).
  terminal.write(Buffer.alloc(9000, 1));
  const closed = terminal.close();
  // The end is on its way; the reader, in this thread, is not.
  await immediate();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  await closed;
  t.equal(await lost, 'ADAPTER_SERIAL_LOST');
  t.equal(nBytes, 9000);
});

t.test('nobody reads: it ends all the same', async (t) => {
  const terminal = await openPseudoTerminal({ keepBytes: 20_000, onBytes: () => undefined });
  terminal.write(Buffer.alloc(9000, 1));
  const beganMs = performance.now();
  await terminal.close();
  t.ok(performance.now() - beganMs < 5000);
});
