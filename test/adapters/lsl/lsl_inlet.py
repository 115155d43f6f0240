"""An inlet of the real liblsl. Commands come on standard input, one JSON object a line, and are answered in the same way.

{"find": [predicate, ...], "expected": n, "timeout": s}  the names of the streams that answer to each
{"open": predicate}                                      opens the stream: its info, and the offset of its clock
{"pull": n, "timeout": s}                                the next n samples with their time stamps
"""
import json
import sys

import pylsl


def describe(info):
    channels = []
    channel = info.desc().child('channels').child('channel')
    while not channel.empty():
        channels.append([channel.child_value(field) for field in ('label', 'type', 'unit')])
        channel = channel.next_sibling('channel')
    return {
        'name': info.name(),
        'type': info.type(),
        'nChannels': info.channel_count(),
        'sampleRate': info.nominal_srate(),
        'sourceId': info.source_id(),
        'channels': channels,
        'product': info.desc().child_value('product'),
    }


inlet = None
for line in sys.stdin:
    command = json.loads(line)
    timeout = command.get('timeout', 5)
    if 'find' in command:
        found = []
        for predicate in command['find']:
            streams = pylsl.resolve_bypred(predicate, command['expected'], timeout)
            found.append(sorted(stream.name() for stream in streams))
        answer = {'found': found}
    elif 'open' in command:
        stream = pylsl.resolve_bypred(command['open'], 1, timeout)[0]
        inlet = pylsl.StreamInlet(stream, recover=True)
        info = describe(inlet.info(timeout))
        inlet.open_stream(timeout)
        answer = {'info': info, 'offset': inlet.time_correction(timeout)}
    else:
        samples = []
        for _ in range(command['pull']):
            sample, stamp = inlet.pull_sample(timeout)
            if sample is None:
                break
            samples.append({'values': sample, 'stamp': stamp})
        answer = {'samples': samples}
    print(json.dumps(answer), flush=True)
