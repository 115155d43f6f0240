import { connect, type Socket } from 'node:net';
import type { Test } from 'tap';

const RATE = 128;
const TICK_MS = 50;

/**
 * A device that sends two channels to a TCP port as they are sampled, and keeps nothing: what it cannot send is gone. It
 * connects again for as long as it takes.
 */
export function startTcpDevice(t: Test, port: number): void {
  let socket: Socket | undefined;
  let isOver = false;
  let sampledMs = 0;
  const open = (): void => {
    if (isOver) return;
    const opened = connect(port, '127.0.0.1');
    opened.on('connect', () => {
      const header = {
        channels: ['F7', 'T7'],
        sampleRate: RATE,
        format: 'float32le',
        source: `device ${String(port)}`,
      };
      opened.write(`${JSON.stringify(header)}\n`);
      sampledMs = performance.now();
      socket = opened;
    });
    opened.on('error', () => undefined);
    opened.on('data', () => undefined);
    opened.on('close', () => {
      if (socket === opened) socket = undefined;
      setTimeout(open, 20);
    });
  };
  const timer = setInterval(() => {
    if (socket === undefined) return;
    const n = Math.floor(((performance.now() - sampledMs) / 1000) * RATE);
    if (n === 0) return;
    sampledMs += (n / RATE) * 1000;
    const values = Float32Array.from({ length: 2 * n }, (_, i) => 20 * Math.sin(i + sampledMs));
    socket.write(new Uint8Array(values.buffer));
  }, TICK_MS);
  open();
  t.teardown(() => {
    isOver = true;
    clearInterval(timer);
    socket?.destroy();
  });
}
