"""Pictures of spectrograms, plain or with marks drawn over them."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from marks.recording import open_recording
from marks.spectrogram import spectrogram
from marks.tables import points

PANEL_INCHES = (14, 4)
MARKS_A_PAGE = 6
# Rows and columns of a contact sheet.
SHEET = (9, 4)


def draw_spectrogram(axes, shown, max_hz=None, title=""):
    """Canvas units 0 to 3 as colours, with a grid to read times and frequencies off."""
    half_hop = (shown.seconds[-1] - shown.seconds[0]) / max(1, len(shown.seconds) - 1) / 2
    half_row = shown.hz[1] / 2
    extent = (
        shown.seconds[0] - half_hop,
        shown.seconds[-1] + half_hop,
        shown.hz[0] - half_row,
        shown.hz[-1] + half_row,
    )
    axes.imshow(
        shown.values, origin="lower", aspect="auto", extent=extent, vmin=0, vmax=2.6, interpolation="bilinear"
    )
    axes.set_ylim(0, max_hz or shown.hz[-1])
    axes.grid(color="white", alpha=0.25, linewidth=0.5)
    axes.set_title(title, fontsize=9, pad=2, loc="left")
    axes.tick_params(labelsize=7, pad=1)
    axes.xaxis.set_major_locator(plt.MaxNLocator(14, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(plt.MaxNLocator(9, steps=[1, 2, 5, 10]))


def draw_panels(out, panels, profile, start_s=0.0, end_s=None, panel_columns=1, max_hz=None):
    """One PNG of spectrograms.

    panels: [(file, derivation, curves)]; curves: [(n, 2) array of seconds and Hz], drawn as lines.
    """
    n_rows = -(-len(panels) // panel_columns)
    width = PANEL_INCHES[0] / panel_columns
    height = min(PANEL_INCHES[1], 15 / n_rows)
    figure, axes = plt.subplots(
        n_rows, panel_columns, figsize=(width * panel_columns, height * n_rows), squeeze=False, layout="constrained"
    )
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0.005, hspace=0.005)
    for axis, (file, derivation, curves) in zip(axes.T.flat, panels):
        shown = spectrogram(open_recording(file), derivation, profile, start_s, end_s)
        draw_spectrogram(axis, shown, max_hz, f"{file} {derivation} {profile}"[:90])
        for curve in curves:
            axis.plot(*np.transpose(curve), color="red", linewidth=1)
    for axis in axes.T.flat[len(panels) :]:
        axis.axis("off")
    figure.savefig(out, dpi=100)
    plt.close(figure)



def draw_marks(folder, marks, shown_of):
    """PNG pages of marked chirps, MARKS_A_PAGE a page: the mean canvas of the marked derivations without and with the
    curve. marks: Chirp rows; shown_of(mark): its Spectrogram. Returns the paths."""
    pages = []
    for start in range(0, len(marks), MARKS_A_PAGE):
        figure, axes = plt.subplots(MARKS_A_PAGE, 2, figsize=(14, 15), squeeze=False, layout="constrained")
        for mark, (plain, drawn) in zip(marks[start:], axes):
            shown = shown_of(mark)
            n = mark.derivations.count(";") + 1
            title = f"{mark.file} {mark.profile}, mean of {n}: {mark.derivations}"
            draw_spectrogram(plain, shown, _top(mark, shown), title[:95])
            _draw_mark(drawn, mark, shown, f"{mark.confidence}; {mark.onset_s:g}-{mark.offset_s:g} s; {mark.note}")
        for axis in axes[len(marks[start:]) :].flat:
            axis.axis("off")
        pages.append(_save(figure, folder / f"marks-{len(pages) + 1:02d}.png", dpi=100))
    return pages


def draw_sheets(folder, marks, shown_of):
    """Small PNG contact sheets of marked chirps with their curves. Returns the paths."""
    rows, across = SHEET
    sheets = []
    for start in range(0, len(marks), rows * across):
        figure, axes = plt.subplots(rows, across, figsize=(14, 16), squeeze=False, layout="constrained")
        for mark, axis in zip(marks[start:], axes.flat):
            name = mark.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
            where = f"{name} {mark.onset_s:g} s {mark.derivations.split(';')[0]}"
            _draw_mark(axis, mark, shown_of(mark), f"{where}, {mark.confidence}")
        for axis in axes.flat[len(marks[start:]) :]:
            axis.axis("off")
        sheets.append(_save(figure, folder / f"sheet-{len(sheets) + 1}.png", dpi=80))
        # 64 colours are enough for a spectrogram and a line, and make a third of the bytes.
        Image.open(sheets[-1]).convert("RGB").quantize(64).save(sheets[-1], optimize=True)
    return sheets


def _draw_mark(axes, mark, shown, title):
    draw_spectrogram(axes, shown, _top(mark, shown), title)
    axes.plot(*np.transpose(points(mark.curve)), color="red", linewidth=1, marker=".", markersize=3)


def _top(mark, shown):
    return min(shown.hz[-1], max(hz for _, hz in points(mark.curve)) + 0.25 * shown.hz[-1])


def _save(figure, path, dpi):
    figure.savefig(path, dpi=dpi)
    plt.close(figure)
    return path
