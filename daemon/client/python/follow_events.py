#!/usr/bin/env python3
"""Follows what chirpd tells: one line of JSON for each chirp event, gap, stream start or end and change of the config.

    follow_events.py --url ws://127.0.0.1:4180 --cursor-file /var/lib/me/chirpd.cursor [--bed "Bed 3"] [--minimum-score 0.9]

Where the daemon asks for tokens: --token-file FILE, or the token in CHIRPD_TOKEN (role view). With TLS the url begins with wss:, and
--ca FILE names the authority that made the daemon's certificate, if this machine does not know it. Needs websockets 10 or later and msgpack. The cursor of the last record that was dealt with is kept in a file; after a break, of the
network, the daemon or this program, it subscribes from there: nothing is missing, and nothing comes twice unless this program is
killed between a line and its cursor. The protocol: daemon/protocol/README.md, and /v1/asyncapi.json of the daemon.
"""

import argparse
import asyncio
import json
import os
import pathlib
import ssl
import sys

import msgpack
import websockets

TIMELINE = {"event", "gap", "stream", "config"}
# These close codes pass: the daemon restarts, the network broke, we were too slow. All others need a person.
PASSING = {1000, 1001, 1005, 1006, 4429}


async def follow(url, beds, minimum_score, cursor, handle, token=None, ca=None):
    """Calls handle(record) for every record after the cursor, in order, for good.

    token: as `chirpd token add` prints it; ca: path of a PEM file, the only authority that is trusted then.
    Raises RuntimeError where the daemon refuses the token, or the subscription, such as with 4410: the cursor is of another
    timeline, or what follows it was deleted.
    """
    retry_seconds, silence_seconds = 0.1, 10
    while True:
        error, socket = "", None
        try:
            options = {"subprotocols": subprotocols(token), "max_size": None, "close_timeout": 1}
            if ca is not None:
                options["ssl"] = ssl.create_default_context(cafile=ca)
            async with websockets.connect(url + "/v1/stream", **options) as socket:
                subscribe = {"type": "subscribe", "topics": ["events"], "since": cursor}
                if beds:
                    subscribe["beds"] = beds
                if minimum_score is not None:
                    subscribe["minimumScore"] = minimum_score
                await socket.send(msgpack.packb(subscribe))
                while True:
                    # Silence for twice the heartbeat means that the connection is dead.
                    frame = await asyncio.wait_for(socket.recv(), silence_seconds)
                    message = msgpack.unpackb(frame)
                    if message["type"] == "hello":
                        retry_seconds, silence_seconds = 0.1, 2 * message["heartbeatSeconds"]
                    elif message["type"] in TIMELINE:
                        handle(message)
                        cursor = message["cursor"]
                    elif message["type"] == "error":
                        error = message["message"]
        except asyncio.TimeoutError:
            print("nothing was heard for too long", file=sys.stderr)
        except (OSError, websockets.exceptions.WebSocketException) as exception:
            error = error or str(exception)
            if refused_status(exception) in (401, 403):
                raise RuntimeError(f"the daemon refuses the token: {error}") from exception
            code = 1006 if socket is None or socket.close_code is None else socket.close_code
            if code not in PASSING:
                raise RuntimeError(f"refused with close code {code}: {error}") from exception
        await asyncio.sleep(retry_seconds)
        retry_seconds = min(2 * retry_seconds, 5)


def subprotocols(token):
    """What to offer: a token goes along as a subprotocol, which every version of websockets can send."""
    return ["chirpd.v1.msgpack"] + ([] if token is None else [f"chirpd.bearer.{token}"])


def refused_status(exception):
    """HTTP status with which a WebSocket was refused; None where it was not. websockets 10 and 13 say it in different places."""
    status = getattr(exception, "status_code", None)
    return status if status is not None else getattr(getattr(exception, "response", None), "status_code", None)


def token_from(path):
    """The token of a file, else of CHIRPD_TOKEN; None where there is none."""
    text = path.read_text() if path is not None else os.environ.get("CHIRPD_TOKEN", "")
    return text.strip() or None


def keep(path, cursor):
    """Writes the cursor so that a program that is killed finds the old one or the new one."""
    new = path.with_name(path.name + ".new")
    new.write_text(f"{cursor}\n")
    os.replace(new, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--url", default="ws://127.0.0.1:4180")
    parser.add_argument("--cursor-file", type=pathlib.Path, required=True, help="not there: everything that is kept")
    parser.add_argument("--bed", action="append", help="may be given more than once; left out: all")
    parser.add_argument("--minimum-score", type=float)
    parser.add_argument("--token-file", type=pathlib.Path, help="default: the token in CHIRPD_TOKEN")
    parser.add_argument("--ca", help="PEM file of the authority that made the daemon's certificate")
    args = parser.parse_args()
    cursor = int(args.cursor_file.read_text()) if args.cursor_file.exists() else 0

    def handle(record):
        print(json.dumps(record), flush=True)
        keep(args.cursor_file, record["cursor"])

    try:
        token = token_from(args.token_file)
        asyncio.run(follow(args.url, args.bed, args.minimum_score, cursor, handle, token, args.ca))
    except KeyboardInterrupt:
        pass
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
