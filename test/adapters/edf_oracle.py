"""What MNE-Python reads from EDF and BDF files, for comparison.

Usage: edf_oracle.py OUTPUT_FOLDER < JSON list of paths

Prints a JSON list with one object per path: {"path", "refused"} or {"path", "startSeconds", "groups", "annotations"}.
A group holds the signals of one rate: {"sampleRate", "signals" (places in the file), "nSamples", "values"}; "values" is
a file of little-endian float64 physical values in the signal's own dimension, shape (nSignals, nSamples), C order.
Onsets of annotations count from the first sample.
"""
import json
import os
import sys
import warnings

import mne
import numpy as np
from mne.io.edf.edf import _read_annotations_edf

ANNOTATION_LABELS = ('EDF Annotations', 'BDF Annotations')


def signal_fields(path):
    """Label and samples per record of each signal, straight from the header."""
    with open(path, 'rb') as file:
        head = file.read(256)
        n_signals = int(head[252:256])
        rest = file.read(256 * n_signals)
    labels = [rest[i * 16:(i + 1) * 16].decode('latin1').strip() for i in range(n_signals)]
    at = n_signals * 216
    n_samples = [int(rest[at + i * 8:at + (i + 1) * 8]) for i in range(n_signals)]
    return labels, n_samples


def read_raw(path, exclude):
    read = mne.io.read_raw_bdf if path.lower().endswith('.bdf') else mne.io.read_raw_edf
    return read(path, exclude=exclude, stim_channel=None, verbose='ERROR')


def annotations_of(raw):
    """All annotations; `raw.annotations` leaves out those beyond the last sample."""
    if len(raw._raw_extras[0]['tal_idx']) == 0:
        return []
    none = np.empty(0, int)
    tals = raw._read_segment_file(np.empty((0, raw.n_times)), none, 0, 0, int(raw.n_times), np.ones((0, 1)), None)
    onsets, durations, texts = _read_annotations_edf(tals[0], encoding='utf8')
    return [[float(onset), float(duration), text] for onset, duration, text in zip(onsets, durations, texts)]


def read(path, folder, number):
    labels, n_samples = signal_fields(path)
    signals = [i for i, label in enumerate(labels) if label not in ANNOTATION_LABELS]
    if not signals:
        found = mne.read_annotations(path)
        items = [[float(a['onset']), float(a['duration']), str(a['description'])] for a in found]
        return {'path': path, 'startSeconds': None, 'groups': [], 'annotations': items}
    groups = []
    annotations = None
    for n in sorted({n_samples[i] for i in signals}):
        members = [i for i in signals if n_samples[i] == n]
        others = sorted({labels[i] for i in signals if n_samples[i] != n})
        raw = read_raw(path, others)
        values = raw.get_data() / raw._raw_extras[0]['units'][:, np.newaxis]
        name = os.path.join(folder, f'{number}-{n}.f64')
        values.astype('<f8').tofile(name)
        groups.append({
            'sampleRate': float(raw.info['sfreq']), 'signals': members, 'nSamples': values.shape[1], 'values': name})
        if annotations is None:
            annotations = annotations_of(raw)
    date = raw.info['meas_date']
    return {'path': path, 'startSeconds': None if date is None else date.timestamp(), 'groups': groups,
            'annotations': annotations}


def main():
    warnings.simplefilter('ignore')
    mne.set_log_level('ERROR')
    results = []
    for number, path in enumerate(json.load(sys.stdin)):
        try:
            results.append(read(path, sys.argv[1], number))
        except Exception as error:  # MNE's refusal is a result
            results.append({'path': path, 'refused': f'{type(error).__name__}: {error}'})
    json.dump(results, sys.stdout)


if __name__ == '__main__':
    main()
