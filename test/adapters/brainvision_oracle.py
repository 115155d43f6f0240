"""What MNE-Python reads from BrainVision files.

Usage: brainvision_oracle.py OUTPUT_FOLDER < JSON list of paths of headers

Prints a JSON list with one object per path: {"path", "sampleRate", "startSeconds", "labels", "units", "values",
"annotations"}; "values" is a file of little-endian float64, shape (nChannels, nSamples), C order, volts where the unit is
one of voltage.
"""
import json
import os
import sys
import warnings

import mne

warnings.simplefilter('ignore')
mne.set_log_level('ERROR')
results = []
for number, path in enumerate(json.load(sys.stdin)):
    raw = mne.io.read_raw_brainvision(path, preload=True)
    name = os.path.join(sys.argv[1], f'{number}.f64')
    raw.get_data().astype('<f8').tofile(name)
    date = raw.info['meas_date']
    results.append({
        'path': path, 'sampleRate': float(raw.info['sfreq']), 'startSeconds': None if date is None else date.timestamp(),
        'labels': raw.ch_names, 'values': name,
        'annotations': [[float(a['onset']), float(a['duration']), str(a['description'])] for a in raw.annotations],
    })
json.dump(results, sys.stdout)
