"""Damages files and has qfx read them: python worker.py FOLDER SEED COUNT FORMATS START.

Prints a line of JSON before each file and one after it; whoever started this ends it where the
second does not come.
"""

import contextlib
import io
import json
import os
import random
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

from formats import FORMATS, cases, is_right

MEMORY = 6 << 30  # of the address space: a file that takes more ends as MemoryError


def main(folder: Path, seed: int, count: int, names: list[str], start: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _too_long)
    before = ""
    for index, (name, number) in enumerate(cases(count, names)):
        if index < start:
            continue
        made = FORMATS[name]
        sources = sorted(folder.glob(made.sources))
        file = folder / f"damaged{made.suffix}"
        if name != before:  # what is imported once is no damaged file's time or memory
            file.write_bytes(sources[0].read_bytes())
            whole = _go_through(name, file, folder, sources[0])
            assert whole["outcome"] == "accepted", (name, whole)
            before = name
        generator = random.Random(f"{seed} {name} {number}")
        source, damage = generator.choice(sources), generator.choice(made.damages)
        data = damage(generator, source.read_bytes())
        tell(index=index)
        file.write_bytes(data)
        same = data == source.read_bytes()
        found = _go_through(name, file, folder, source)
        told = {"damage": damage.__name__, "same": same, "bytes": len(data)}
        tell(index=index, format=name, number=number, **told, **found)


def _go_through(name: str, file: Path, folder: Path, source: Path) -> dict[str, Any]:
    """What became of a file: accepted, refused or failed, and what that took."""
    before, begun, cpu = _reset_peak(), time.perf_counter(), time.process_time()
    outcome, said = "accepted", ""
    signal.setitimer(signal.ITIMER_REAL, 60)
    try:
        for call in FORMATS[name].doors(file, folder, source):
            said = _type(call)
            if said:
                outcome = "refused"
                break
        if outcome == "accepted" and name == "qfx":
            is_right(file)
    except BaseException:  # whatever it is, it is what a user would meet
        outcome, said = "failed", traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return {
        "outcome": outcome,
        "said": said,
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - cpu,
        "grown_mb": (_status("VmHWM") - before) / 1024,
        "peak_mb": _status("VmHWM") / 1024,
    }


def _type(call: list[str]) -> str:
    """The sentence with which a command refuses; empty where it does not."""
    from qfx import cli

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            cli.main(call)
        except SystemExit as ended:
            code = ended.code
    said = err.getvalue()
    if code == 0:
        assert not said, f"it is done and says {said!r}"
        return ""
    if call[0] == "cosim" and code == 1 and not said:
        return out.getvalue().strip().splitlines()[-1]  # a verdict: NOT EQUAL, or NOT PROVEN
    assert code == 1, f"exit {code}: {said}"
    assert said.startswith("qfx: "), said
    assert said.count("\n") == 1, f"no single sentence: {said!r}"
    assert len(said) < 1500, f"a long sentence: {said!r}"
    return said


def _too_long(*_: object) -> NoReturn:
    raise TimeoutError("a minute has passed")


def _reset_peak() -> float:
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")  # the peak begins anew
    return _status("VmRSS")


def _status(key: str) -> float:
    """Kilobytes, as Linux tells them of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return float(line.split()[1])
    return 0.0


def tell(**found: object) -> None:
    os.write(3, (json.dumps(found) + "\n").encode())


if __name__ == "__main__":
    folder, seed, count, names, start = sys.argv[1:]
    main(Path(folder), int(seed), int(count), names.split(","), int(start))
