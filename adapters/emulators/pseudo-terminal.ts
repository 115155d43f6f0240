import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { ChirpdError } from '../../pipelines/core/errors.js';

/** For a reader that has fallen behind, at the end. */
const DRAIN_SECONDS = 1;

/**
 * Node cannot open a pseudo-terminal, Python can: it holds both ends and passes bytes on. What is not read is kept up to a
 * limit, as a serial chip's driver does; then nobody seems to have the port open, and all is lost until somebody reads
 * again, who is to get what is sent then. The line with the path comes first. Closing the master throws away what the
 * reader has not fetched, so at the end it waits a moment for that.
 */
const HOLDER = `
import array, fcntl, os, pty, select, sys, termios, time, tty
limit, link = int(sys.argv[1]), sys.argv[2]
master, slave = pty.openpty()
tty.setraw(slave)
os.set_blocking(master, False)
path = os.ttyname(slave)
if link:
    if os.path.islink(link):
        os.unlink(link)
    os.symlink(path, link)
os.write(1, (path + "\\n").encode())
waiting = b""
nobody_reads = False

def pass_on():
    global waiting
    try:
        waiting = waiting[os.write(master, waiting):]
    except BlockingIOError:
        pass

def unread():
    count = array.array("i", [0])
    fcntl.ioctl(slave, termios.FIONREAD, count)
    return count[0]

def drain():
    give_up = time.monotonic() + ${String(DRAIN_SECONDS)}
    n_empty = 0
    while n_empty < 2 and time.monotonic() < give_up and not nobody_reads:
        pass_on()
        n_empty = 0 if waiting or unread() else n_empty + 1
        time.sleep(0.002)

try:
    while True:
        readable, writable, _ = select.select([0, master], [master] if waiting or nobody_reads else [], [])
        if master in writable:
            nobody_reads = False
        if 0 in readable:
            chunk = os.read(0, 65536)
            if not chunk:
                break
            if not nobody_reads:
                waiting += chunk
            if len(waiting) > limit:
                waiting = b""
                nobody_reads = True
        if waiting:
            pass_on()
        if master in readable:
            os.write(1, os.read(master, 4096))
    drain()
except KeyboardInterrupt:
    pass
finally:
    if link and os.path.islink(link) and os.readlink(link) == path:
        os.unlink(link)
`;

export interface PseudoTerminalOptions {
  /** Bytes kept for a reader that is slow. */
  readonly keepBytes: number;
  /** Symbolic link to the terminal; taken away at the end. */
  readonly link?: string | undefined;
  readonly onBytes: (bytes: Uint8Array) => void;
}

/** A serial port that a program can open, with this process at the other end. */
export interface PseudoTerminal {
  /** Such as `/dev/pts/5`. */
  readonly path: string;
  write(bytes: Uint8Array): void;
  /** Hangs up, once a reader has what was sent. */
  close(): Promise<void>;
  /** Settles when it has ended, by `close` or by itself. */
  readonly ended: Promise<void>;
}

/** @throws ChirpdError ADAPTER_PSEUDO_TERMINAL: no python3, or no pseudo-terminal to be had */
export async function openPseudoTerminal(options: PseudoTerminalOptions): Promise<PseudoTerminal> {
  const child = spawn('python3', ['-u', '-c', HOLDER, String(options.keepBytes), options.link ?? ''], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C is for the one who started it; this one ends when its input does.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
    child.once('error', () => {
      resolve();
    });
  });
  // Writing to one that has just ended is no error of ours.
  child.stdin.on('error', () => undefined);
  const path = await firstLine(child, options.onBytes);
  return {
    path,
    ended,
    write: (bytes) => {
      if (child.stdin.writable) child.stdin.write(bytes);
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

async function firstLine(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  onBytes: (bytes: Uint8Array) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    let complaint = '';
    let isOpen = false;
    child.stderr.on('data', (bytes: Buffer) => {
      complaint = (complaint + bytes.toString()).slice(-2000);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      const advice = error.code === 'ENOENT' ? 'python3 is not there (Debian: apt-get install python3)' : error.message;
      reject(new ChirpdError('ADAPTER_PSEUDO_TERMINAL', `cannot make a serial port: ${advice}`, { cause: error }));
    });
    child.once('close', () => {
      const reason = complaint.trim().split('\n').at(-1) ?? '';
      reject(new ChirpdError('ADAPTER_PSEUDO_TERMINAL', `cannot make a serial port with python3: ${reason}`));
    });
    child.stdout.on('data', (bytes: Buffer) => {
      if (isOpen) {
        onBytes(bytes);
        return;
      }
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf('\n');
      if (end < 0) return;
      isOpen = true;
      resolve(head.subarray(0, end).toString());
      if (head.length > end + 1) onBytes(head.subarray(end + 1));
    });
  });
}
