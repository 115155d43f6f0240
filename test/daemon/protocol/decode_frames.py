"""Decodes the golden MessagePack frames with Python's msgpack as it comes, and prints them as JSON.

Bytes become base64 text and NaN null, as in the JSON subprotocol. Fields named ...Micros and cursors must come as
integers; an extension type or a key that is no text is an error.
"""

import base64
import json
import math
import pathlib
import sys

import msgpack


def refuse_extension(code, data):
    raise ValueError(f"extension type {code}")


def json_form(value, key=""):
    if isinstance(value, dict):
        assert all(isinstance(name, str) for name in value), value
        return {name: json_form(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [json_form(inner, key) for inner in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if key.endswith("Micros") or key in ("cursor", "since", "column", "columns", "revision", "nSamples"):
        assert isinstance(value, int), (key, value)
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


frames = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.msgpack.hex")):
    message = msgpack.unpackb(bytes.fromhex(path.read_text()), ext_hook=refuse_extension)
    frames[path.name.removesuffix(".msgpack.hex")] = json_form(message)
print(json.dumps(frames))
