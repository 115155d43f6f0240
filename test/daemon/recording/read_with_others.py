"""What MNE-Python or pyEDFlib reads from a file, for comparison.

Usage: read_with_others.py mne|pyedflib PATH OUTPUT

Writes the physical values as little-endian float64 microvolts, shape (nSignals, nSamples), C order, to OUTPUT, and prints
{"labels", "sampleRate", "startSeconds", "annotations"}: onset and duration in seconds from the first sample, text.
"""
import datetime
import json
import sys

import numpy as np


def with_mne(path):
    import mne
    raw = mne.io.read_raw_bdf(path, stim_channel=None, verbose='ERROR')
    notes = [[float(a['onset']), float(a['duration']), str(a['description'])] for a in raw.annotations]
    # MNE reads the header's whole second; annotations and samples count from the first sample.
    start = raw.info['meas_date'].timestamp()
    return raw.get_data() * 1e6, raw.ch_names, float(raw.info['sfreq']), start, notes


def with_pyedflib(path):
    import pyedflib
    reader = pyedflib.EdfReader(path)
    values = np.array([reader.readSignal(i) for i in range(reader.signals_in_file)])
    onsets, durations, texts = reader.readAnnotations()
    notes = [[float(o), max(0.0, float(d)), str(t)] for o, d, t in zip(onsets, durations, texts)]
    start = reader.getStartdatetime().replace(tzinfo=datetime.timezone.utc).timestamp()
    rate = float(reader.getSampleFrequency(0))
    labels = reader.getSignalLabels()
    reader.close()
    return values, labels, rate, start, notes


def main():
    name, path, output = sys.argv[1:]
    values, labels, rate, start, notes = {'mne': with_mne, 'pyedflib': with_pyedflib}[name](path)
    values.astype('<f8').tofile(output)
    json.dump({'labels': list(labels), 'sampleRate': rate, 'startSeconds': start, 'annotations': notes}, sys.stdout)


main()
