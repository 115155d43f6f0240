"""Mark chirps by hand on spectrograms. The marks and the rules they follow: marks/README.md.

  python3 mark.py show FILE... --profile slow [--derivations F7-T7,T7-P7] [--from 0 --to 60] --out PNG
  python3 mark.py snap                    writes marks/chirps.csv from the points in marks/anchors.csv
  python3 mark.py check [--out FOLDER]    verifies the tables; draws every mark over its spectrogram
"""

import argparse
import sys
from pathlib import Path

from marks.recording import open_recording
from marks.snap import snap, stretch_of
from marks.tables import FOLDER, Anchors, Chirp, Empty, problems, read, write


def show(args):
    from marks.picture import draw_panels

    panels = []
    for file in args.files:
        derivations = args.derivations.split(",") if args.derivations else open_recording(file).derivations()
        panels += [(file, derivation, []) for derivation in derivations]
    draw_panels(
        args.out,
        panels,
        args.profile,
        args.start,
        args.end,
        panel_columns=args.across,
        max_hz=args.max_hz,
    )


def snap_all(args):
    marks = read(Anchors, args.folder / "anchors.csv")
    chirps = []
    for number, mark in enumerate(marks, 1):
        print(f"{number}/{len(marks)} {mark.file}", file=sys.stderr)
        chirps.append(snap(mark))
    write(Chirp, args.folder / "chirps.csv", chirps)


def check(args):
    chirps, empties = read(Chirp, args.folder / "chirps.csv"), read(Empty, args.folder / "empty.csv")
    found = problems(read(Anchors, args.folder / "anchors.csv"), chirps, empties)
    if not args.tables_only:
        found += problems_with_recordings(chirps, empties)
    for problem in found:
        print(problem)
    if args.out:
        from marks.picture import draw_marks, draw_sheets

        args.out.mkdir(parents=True, exist_ok=True)
        drawn = [c for c in chirps if args.only in c.file]
        draw = draw_sheets if args.sheets else draw_marks
        for page in draw(args.out, drawn, lambda c: stretch_of(c, c.onset_s, c.offset_s)):
            print(page)
    print(f"{len(chirps)} chirps, {len(empties)} empty stretches, {len(found)} problems")
    return 1 if found else 0


def problems_with_recordings(chirps, empties):
    """Sentences about rows that do not fit the recording they name."""
    found = []
    for row in sorted([*chirps, *empties], key=lambda row: row.file):
        end = row.offset_s if isinstance(row, Chirp) else row.end_s
        try:
            recording = open_recording(row.file)
            if row.derivations != "all":
                for derivation in row.derivations.split(";"):
                    recording.signal(derivation)
        except (FileNotFoundError, KeyError) as error:
            found.append(f"{row.file}: there is no {error}")
            continue
        if end > recording.seconds:
            found.append(f"{row.file}: ends at {end:g} s, the recording at {recording.seconds:g} s")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    p = commands.add_parser("show", help="draw spectrograms of a recording")
    p.add_argument("files", nargs="+", help="path inside the EEG folder; bonn/S.zip/S001.txt for a member of a zip")
    p.add_argument("--profile", default="slow", choices=["fast", "wide", "scalp", "slow"])
    p.add_argument("--derivations", help="comma-separated; default: those of the daemon's auto montage")
    p.add_argument("--from", dest="start", type=float, default=0.0, help="seconds from the first sample")
    p.add_argument("--to", dest="end", type=float, help="seconds")
    p.add_argument("--max-hz", type=float, help="top of the pictures")
    p.add_argument("--across", type=int, default=1, help="panels side by side")
    p.add_argument("--out", type=Path, required=True)
    p.set_defaults(run=show)
    p = commands.add_parser("snap", help="follow the ridges between the anchors")
    p.add_argument("--folder", type=Path, default=FOLDER, help="folder of the tables")
    p.set_defaults(run=snap_all)
    p = commands.add_parser("check", help="verify the tables; with --out, draw the marks")
    p.add_argument("--folder", type=Path, default=FOLDER, help="folder of the tables")
    p.add_argument("--tables-only", action="store_true", help="without the recordings")
    p.add_argument("--out", type=Path, help="folder for pictures of every mark")
    p.add_argument("--sheets", action="store_true", help="small contact sheets instead of large pages")
    p.add_argument("--only", default="", help="draw marks of files whose name holds this")
    p.set_defaults(run=check)
    args = parser.parse_args()
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
