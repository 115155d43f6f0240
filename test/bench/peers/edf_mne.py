"""All signals of an EDF recording in microvolts by MNE: PATH."""

import sys

import mne
import peer

mne.set_log_level("ERROR")


def read():
    return mne.io.read_raw_edf(sys.argv[1], preload=True, verbose="ERROR").get_data()


peer.serve(f"MNE {mne.__version__}", read, lambda: read() * 1e6)
