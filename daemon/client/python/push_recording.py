#!/usr/bin/env python3
"""Pushes a recording into a bed of chirpd, as an amplifier's gateway would push its samples.

    push_recording.py recording.edf --url ws://127.0.0.1:4180 --bed "Bed 3" [--speed 1]

Where the daemon asks for tokens: --token-file FILE, or the token in CHIRPD_TOKEN (role push). With TLS the url begins with wss:, and
--ca FILE names the authority that made the daemon's certificate, if this machine does not know it. Needs MNE (reads the recording), websockets 10 or later and msgpack. After a break it connects again and goes on with the
sample that the daemon wants next, so that nothing is missing and nothing comes twice. The protocol: daemon/protocol/README.md.
"""

import argparse
import asyncio
import os
import pathlib
import secrets
import ssl

import mne
import msgpack
import websockets

BLOCK_SECONDS = 0.1
# These close codes (and 1001, 1006) pass: the daemon restarts, the bed is busy or not there yet. All others need a person.
PASSING = {1000, 1001, 1005, 1006, 1011, 4408, 4409, 4429, 4503}


class Stream:
    """The recording, and how far the daemon has taken it.

    microvolts: float32 array (n_channels, n_samples)
    """

    def __init__(self, microvolts, labels, rate, source):
        self.microvolts, self.labels, self.rate, self.source = microvolts, labels, rate, source
        self.id = secrets.token_hex(8)
        self.taken = 0
        self.window = 0

    @property
    def n_samples(self):
        return self.microvolts.shape[1]

    def hello(self, bed):
        return {
            "type": "hello",
            "protocol": 1,
            "bed": bed,
            "stream": self.id,
            "channels": [{"label": label} for label in self.labels],
            "sampleRate": self.rate,
            "units": "uV",
            "source": self.source,
        }

    def block(self, first, end):
        samples = self.microvolts[:, first:end].astype("<f4").tobytes()
        return {"type": "block", "firstSample": first, "samples": samples}


async def push(stream, url, bed, speed, token=None, ca=None):
    """Sends all of the stream. Raises RuntimeError where the daemon refuses it, or the token, for good."""
    # A token goes along as a subprotocol, which every version of websockets can send.
    options = {"subprotocols": ["chirpd.v1.msgpack"] + ([] if token is None else [f"chirpd.bearer.{token}"])}
    if ca is not None:
        options["ssl"] = ssl.create_default_context(cafile=ca)
    retry_seconds = 0.1
    while True:
        error, socket = "", None
        try:
            async with websockets.connect(url + "/v1/ingest", **options) as socket:
                await socket.send(msgpack.packb(stream.hello(bed)))
                sender = None
                try:
                    async for frame in socket:
                        message = msgpack.unpackb(frame)
                        if message["type"] == "ready":
                            retry_seconds = 0.1
                            stream.window = message["windowSamples"]
                            sender = asyncio.create_task(send_from(stream, message["nextSample"], socket, speed))
                        elif message["type"] == "ack":
                            stream.taken = message["nextSample"]
                        elif message["type"] == "error":
                            error = message["message"]
                finally:
                    if sender is not None:
                        sender.cancel()
        except (OSError, websockets.exceptions.WebSocketException) as exception:
            error = error or str(exception)
            # websockets 10 and 13 say the HTTP status of a refusal in different places.
            status = getattr(exception, "status_code", None) or getattr(
                getattr(exception, "response", None), "status_code", None
            )
            if status in (401, 403):
                raise RuntimeError(f"the daemon refuses the token: {error}") from exception
        code = 1006 if socket is None or socket.close_code is None else socket.close_code
        if stream.taken >= stream.n_samples:
            return
        if code not in PASSING:
            raise RuntimeError(f"refused with close code {code}: {error}")
        await asyncio.sleep(retry_seconds)
        retry_seconds = min(2 * retry_seconds, 5)


async def send_from(stream, first, socket, speed):
    """Sends blocks when they are due, and no more than may be under way."""
    step = max(1, round(BLOCK_SECONDS * stream.rate))
    clock = asyncio.get_running_loop().time
    began, origin = clock(), first
    while first < stream.n_samples:
        end = min(first + step, stream.n_samples)
        wait = (end - origin) / stream.rate / speed - (clock() - began) if speed else 0
        await asyncio.sleep(max(0, wait))
        while end - stream.taken > stream.window:
            await asyncio.sleep(0.01)
        await socket.send(msgpack.packb(stream.block(first, end)))
        first = end
    await socket.send(msgpack.packb({"type": "end"}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("recording")
    parser.add_argument("--url", default="ws://127.0.0.1:4180")
    parser.add_argument("--bed", required=True)
    parser.add_argument("--speed", type=float, default=1, help="times real time; 0: as fast as the daemon takes it")
    parser.add_argument("--token-file", type=pathlib.Path, help="default: the token in CHIRPD_TOKEN")
    parser.add_argument("--ca", help="PEM file of the authority that made the daemon's certificate")
    args = parser.parse_args()
    token = args.token_file.read_text() if args.token_file is not None else os.environ.get("CHIRPD_TOKEN", "")
    raw = mne.io.read_raw(args.recording, preload=True, verbose="error").pick_types(eeg=True)
    # MNE has volts.
    stream = Stream(raw.get_data() * 1e6, raw.ch_names, float(raw.info["sfreq"]), "push_recording.py")
    asyncio.run(push(stream, args.url, args.bed, args.speed, token.strip() or None, args.ca))
    print(f"{stream.taken} samples of {len(stream.labels)} channels were taken")


if __name__ == "__main__":
    main()
