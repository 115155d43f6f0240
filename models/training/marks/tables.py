"""The tables of marks: their columns, how they are read and written, and what must hold for each row."""

import csv
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from canvas import PROFILES

FOLDER = Path(__file__).parent
MINIMUM_ROWS = 4
MINIMUM_SECONDS = {"fast": 0.5}
MINIMUM_EMPTY_SECONDS = 20


@dataclass(frozen=True)
class Anchors:
    """What the reader wrote down. anchors: `t:hz;t:hz;...`, seconds and Hz, from onset to offset."""

    file: str
    profile: str
    derivations: str
    anchors: str
    confidence: str
    note: str


@dataclass(frozen=True)
class Chirp:
    """A marked chirp, in seconds from the file's first sample; curve: 5 to 12 points `t:hz`, from onset to offset."""

    file: str
    profile: str
    derivations: str
    onset_s: float
    offset_s: float
    start_hz: float
    end_hz: float
    curve: str
    confidence: str
    note: str


@dataclass(frozen=True)
class Empty:
    """A stretch without any chirp in these derivations; `all`: in no derivation of the daemon's auto montage."""

    file: str
    profile: str
    derivations: str
    start_s: float
    end_s: float
    note: str


def read(kind, path):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    names = [f.name for f in fields(kind)]
    for number, row in enumerate(rows, 2):
        if list(row) != names:
            raise ValueError(f"{path}:{number}: columns must be {','.join(names)}")
    return [kind(**{f.name: f.type(row[f.name]) for f in fields(kind)}) for row in rows]


def write(kind, path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([f.name for f in fields(kind)])
        writer.writerows(astuple(row) for row in sorted(rows, key=order))


def order(row):
    """Tables are sorted by file, then time."""
    return (row.file, row.onset_s if isinstance(row, Chirp) else row.start_s)


def points(text):
    """[(seconds, Hz)] of `t:hz;t:hz;...`."""
    return [tuple(float(value) for value in point.split(":")) for point in text.split(";")]


def problems(anchors, chirps, empties):
    """Sentences about rows that break a rule that needs no recording."""
    found = []
    if {_extent(a, points(a.anchors)) for a in anchors} != {_extent(c, points(c.curve)) for c in chirps}:
        found.append("chirps: not made of these anchors; run snap again")
    for name, rows in (("chirps", chirps), ("empty", empties)):
        if [order(row) for row in rows] != sorted(order(row) for row in rows):
            found.append(f"{name}: not sorted by file and time")
        if len({(*order(row), row.derivations) for row in rows}) < len(rows):
            found.append(f"{name}: a row twice")
    for chirp in chirps:
        found += [f"{chirp.file} at {chirp.onset_s:g} s: {problem}" for problem in _chirp_problems(chirp)]
    for empty in empties:
        where = f"{empty.file} from {empty.start_s:g} s"
        if empty.profile not in PROFILES:
            found.append(f"{where}: no profile {empty.profile}")
        if empty.start_s < 0 or empty.end_s - empty.start_s < MINIMUM_EMPTY_SECONDS:
            found.append(f"{where}: an empty stretch has at least {MINIMUM_EMPTY_SECONDS} s")
        for chirp in chirps:
            if _overlap(chirp, empty):
                found.append(f"{where}: holds the chirp at {chirp.onset_s:g} s")
    return found


def _extent(mark, curve):
    return (mark.file, mark.profile, mark.derivations, curve[0][0], curve[-1][0], mark.confidence, mark.note)


def _chirp_problems(chirp):
    if chirp.profile not in PROFILES:
        return [f"no profile {chirp.profile}"]
    profile, curve = PROFILES[chirp.profile], points(chirp.curve)
    seconds, hz = zip(*curve)
    found = []
    if not 5 <= len(curve) <= 12:
        found.append("a curve has 5 to 12 points")
    if any(b <= a for a, b in zip(seconds, seconds[1:])):
        found.append("times of the curve do not rise")
    if (*curve[0], *curve[-1]) != (chirp.onset_s, chirp.start_hz, chirp.offset_s, chirp.end_hz):
        found.append("the curve does not begin and end as the row says")
    if not 0 < min(hz) <= max(hz) < profile.fs / 2:
        found.append("the curve leaves the profile's band")
    if max(hz) - min(hz) < MINIMUM_ROWS * profile.row_hz - 1e-9:
        found.append(f"moves by less than {MINIMUM_ROWS} rows")
    if chirp.offset_s - chirp.onset_s < MINIMUM_SECONDS.get(chirp.profile, 2):
        found.append("too short")
    if chirp.onset_s < 0:
        found.append("begins before the file")
    if chirp.confidence not in ("sure", "likely"):
        found.append("confidence is sure or likely")
    return found


def _overlap(chirp, empty):
    if chirp.file != empty.file or chirp.onset_s >= empty.end_s or empty.start_s >= chirp.offset_s:
        return False
    return empty.derivations == "all" or bool(set(chirp.derivations.split(";")) & set(empty.derivations.split(";")))
