"""The conversation of a Python peer with the benchmark: python-peer.ts is the other side."""

import sys
import time


def serve(name, work, result):
    """Says what it is, then answers line by line until its input ends.

    name: with its version; work(): does the work once; result(): what the work gives, as an array of numbers in the order
    that the benchmark expects, written as raw float64.
    """
    print("ready", name, flush=True)
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        if command == "run":
            start = time.perf_counter()
            for _ in range(int(argument)):
                work()
            print(time.perf_counter() - start, flush=True)
        elif command == "result":
            import numpy

            with open(argument, "wb") as file:
                file.write(numpy.ascontiguousarray(result(), dtype="<f8").tobytes())
            print("done", flush=True)


def signals(path, n):
    """Raw float32 signals, shape (n, samples)."""
    import numpy

    return numpy.fromfile(path, dtype="<f4").reshape(n, -1).astype(float)


def in_blocks(x, block, taper, hop, columns, axis):
    """What columns(piece) gives for the signals x as blocks of so many samples come (0: at once), joined along its axis of time."""
    import numpy

    if block == 0:
        return columns(x)
    kept, parts = x[:, :0], []
    for start in range(0, x.shape[1], block):
        kept = numpy.concatenate([kept, x[:, start : start + block]], axis=1)
        n = (kept.shape[1] - taper) // hop + 1
        if n > 0:
            parts.append(columns(kept[:, : taper + (n - 1) * hop]))
            kept = kept[:, n * hop :]
    return numpy.concatenate(parts, axis=axis)


def manner(block):
    """How a peer that serve() names works: in blocks of so many samples; 0: at once."""
    return "whole signals" if block == 0 else "in the same blocks"
