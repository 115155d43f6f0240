"""An outlet of the real liblsl. Its stream is described by JSON in argv[1]; commands come on standard input, one a line.

Sample i of channel c is (i % cycle) * step + c, so that every value tells where it belongs.
"""
import json
import sys
import threading
import time

import numpy as np
import pylsl

options = json.loads(sys.argv[1])
n_channels = options['nChannels']
rate = options['sampleRate']
nominal_rate = options.get('nominalRate', rate)
sample_format = options.get('format', 'float32')
cycle = options.get('cycle', 5000)
step = options.get('step', 0.5)
chunk = options.get('chunk', 1)
stamps = options.get('stamps', 'explicit')

info = pylsl.StreamInfo(
    options['name'], options.get('type', 'EEG'), n_channels, nominal_rate, sample_format, options.get('sourceId', '')
)
desc = info.desc()
for field, text in options.get('desc', {}).items():
    desc.append_child_value(field, text)
if 'labels' in options:
    channels = desc.append_child('channels')
    for i in range(n_channels):
        channel = channels.append_child('channel')
        channel.append_child_value('label', options['labels'][i])
        if 'units' in options:
            channel.append_child_value('unit', options['units'][i])
        if 'types' in options:
            channel.append_child_value('type', options['types'][i])
outlet = pylsl.StreamOutlet(info, 0, 360)

lock = threading.Lock()
state = {'paused': False, 'lose': 0, 'nan': 0, 'back': 0.0, 'delay': 0.0}


def listen():
    for line in sys.stdin:
        command, *arguments = line.split()
        with lock:
            if command == 'pause':
                state['paused'] = True
            elif command == 'resume':
                state['paused'] = False
            elif command in ('lose', 'nan'):
                state[command] += int(arguments[0])
            elif command in ('back', 'delay'):
                state[command] += float(arguments[0])
    outlet_ended.set()


outlet_ended = threading.Event()
threading.Thread(target=listen, daemon=True).start()
print(json.dumps({'ready': True, 'clock': pylsl.local_clock()}), flush=True)

if options.get('waitForConsumer', False):
    while not outlet.have_consumers() and not outlet_ended.is_set():
        time.sleep(0.01)

ramp = np.arange(n_channels)
dtype = {'float32': np.float32, 'double64': np.float64, 'int64': np.int64, 'int32': np.int32}.get(sample_format, np.float64)
start = pylsl.local_clock()
sent = 0
end = options.get('nSamples', float('inf'))
pushed = 0
back = 0.0
while not outlet_ended.is_set() and sent < end:
    due = int((pylsl.local_clock() - start) * rate)
    while sent + chunk <= min(due, end):
        with lock:
            paused, back = state['paused'], state['back']
            lose, state['lose'] = state['lose'], 0
            delay, state['delay'] = state['delay'], 0.0
            nan = min(chunk, state['nan'])
            state['nan'] -= nan
        if paused:
            sent += chunk
            continue
        if delay > 0:
            time.sleep(delay)
        sent += lose
        i = np.arange(sent, sent + chunk)
        values = ((i % cycle) * step)[:, None] + ramp
        if nan > 0:
            values[:nan, 0] = np.nan
        rows = values.astype(dtype)
        if sample_format in ('int16', 'int8'):
            rows = [[int(v) for v in row] for row in values]
        stamp = start + (sent + chunk - 1) / rate - back
        if stamps == 'explicit' and chunk == 1:
            outlet.push_sample(rows[0], stamp)
        elif stamps == 'explicit':
            outlet.push_chunk(rows, stamp)
        elif chunk == 1:
            outlet.push_sample(rows[0])
        else:
            outlet.push_chunk(rows)
        sent += chunk
        pushed += chunk
    if outlet_ended.wait(options.get('pollSeconds', 0.002)):
        break
print(json.dumps({'pushed': pushed, 'sent': sent}), flush=True)
if not outlet_ended.is_set():
    outlet_ended.wait()
