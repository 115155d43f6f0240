"""Reads a board with BrainFlow's own driver and prints what it got, as JSON.

Usage: brainflow_read.py BOARD_ID PORT N_SAMPLES [COMMAND ...]
"""

import json
import sys
import time

from brainflow.board_shim import BoardShim, BrainFlowInputParams

board_id, port, n_samples, *commands = sys.argv[1:]
BoardShim.disable_board_logger()
params = BrainFlowInputParams()
params.serial_port = port
board = BoardShim(int(board_id), params)
board.prepare_session()
answers = [board.config_board(command) for command in commands]
board.start_stream()
end = time.monotonic() + 60
while board.get_board_data_count() < int(n_samples) and time.monotonic() < end:
    time.sleep(0.05)
board.stop_stream()
data = board.get_board_data()
board.release_session()
print(
    json.dumps(
        {
            "answers": answers,
            "packets": data[BoardShim.get_package_num_channel(int(board_id))].tolist(),
            "eeg": data[BoardShim.get_eeg_channels(int(board_id))].tolist(),
        }
    )
)
