"""Damages files of every format and counts what becomes of them: python survey.py [COUNT] [SEED].

They are read by other processes, one of which is ended where a file takes longer than it may.
"""

import argparse
import json
import os
import select
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from formats import FORMATS, cases  # noqa: E402 (which is found after the line above)

PATIENCE = 90  # seconds for one file, after which the process is ended
OUTCOMES = ("refused", "accepted", "unharmed", "failed", "hang")
WITH_TORCH = ("safetensors",)  # whose process has read torch, which takes more than any file
_START = "import os, runpy, sys; os.dup2(int(sys.argv[1]), 3); sys.argv = sys.argv[2:];"
_START += " runpy.run_path(sys.argv[0], run_name='__main__')"


def survey(folder: Path, count: int, seed: int, names: list[str]) -> list[dict[str, Any]]:
    """What became of about so many damaged files; `folder` holds the sources."""
    groups = [[n for n in names if (n in WITH_TORCH) is torch] for torch in (False, True)]
    return [row for own in groups if own for row in _group(folder, count, seed, own)]


def _group(folder: Path, count: int, seed: int, names: list[str]) -> list[dict[str, Any]]:
    every, found = cases(count, names), list[dict[str, Any]]()
    while len(found) < len(every):
        rows, under_way, said = _work(folder, seed, count, names, len(found))
        found += rows
        if len(found) < len(every):
            if under_way != len(found):
                raise RuntimeError(f"the worker does not go on: {said}")
            name, number = every[under_way]
            found.append({"format": name, "number": number, "outcome": "hang", "said": said})
    return found


def _work(
    folder: Path, seed: int, count: int, names: list[str], start: int
) -> tuple[list[dict[str, Any]], int, str]:
    """The rows of one process, which file it was at when it ended, and what it said."""
    reads, writes = os.pipe()
    given = [writes, HERE / "worker.py", folder, seed, count, ",".join(names), start]
    process = subprocess.Popen(
        [sys.executable, "-c", _START, *map(str, given)],
        pass_fds=(writes,),
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(HERE), "OMP_NUM_THREADS": "1", "COLUMNS": "200"},
    )
    os.close(writes)
    rows, under_way, rest = list[dict[str, Any]](), -1, b""
    while select.select([reads], [], [], PATIENCE)[0]:
        read = os.read(reads, 1 << 16)
        if not read:
            break
        *lines, rest = (rest + read).split(b"\n")
        for row in map(json.loads, lines):
            under_way = row["index"]
            if "outcome" in row:
                rows.append(row)
    else:
        process.kill()
    os.close(reads)
    return rows, under_way, process.communicate()[1][-2000:]


def outcome(row: dict[str, Any]) -> str:
    """One of OUTCOMES: a damage may leave a file as it was."""
    return "unharmed" if row.get("same") else str(row["outcome"])


def summary(rows: list[dict[str, Any]]) -> str:
    """The counts as a table; what took longest, and most memory."""
    lines = ["format        files" + "".join(f"{each:>10}" for each in OUTCOMES)]
    for name in dict.fromkeys(row["format"] for row in rows):
        own = [row for row in rows if row["format"] == name]
        counts = Counter(map(outcome, own))
        lines.append(f"{name:12}{len(own):7}" + "".join(f"{counts[kind]:10}" for kind in OUTCOMES))
    for kind in ("refused", "accepted"):
        for torch in (False, True):
            own = [r for r in rows if r["outcome"] == kind and (r["format"] in WITH_TORCH) is torch]
            for key, unit in (
                (("seconds", "s"), ("cpu", "s of the processor"), ("peak_mb", "MB of the process"))
                if own
                else ()
            ):
                worst = max(own, key=lambda row: row[key])
                where = f"{worst['format']} {worst['number']}, {worst['damage']}"
                bare = " with torch" if torch else ""
                lines.append(f"{kind}{bare}, at most {worst[key]:.2f} {unit} ({where})")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=2000)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--said", action="store_true", help="print what is said of each file")
    given = parser.parse_args()
    import sources

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources.write(folder)
        rows = survey(folder, given.count, given.seed, given.formats.split(","))
    for row in rows:
        wrong = row["outcome"] in ("failed", "hang")
        if given.said or wrong:
            said = row["said"].strip()[-2000:] if wrong else row["said"].strip()
            print(row["format"], row["number"], row.get("damage", ""), row["outcome"], said)
    print(summary(rows))


if __name__ == "__main__":
    main()
