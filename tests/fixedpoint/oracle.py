"""Every combination of modes and small formats: qfx.fixedpoint.cast against AMD's ap_fixed.

`python tests/fixedpoint/oracle.py --all` compiles them all and compares three parties: ap_fixed,
qfx.fixedpoint.cast, and the digests of ap_fixed's results in oracle_digests.json, with which
test_oracle.py checks qfx.fixedpoint.cast in seconds and without a compiler.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ap_fixed import Conversion, convert_with_ap_fixed

from qfx.fixedpoint import FixedPointType, Overflow, Rounding, cast

Modes = tuple[Rounding, Overflow]
MODES: tuple[Modes, ...] = tuple(product(Rounding, Overflow))
WORDLENGTHS = range(1, 10)
SHIFTS = range(-4, 11)  # bits dropped: up to one more than the widest source has
DIGESTS = Path(__file__).with_name("oracle_digests.json")


def types() -> list[FixedPointType]:
    """Both signs, every wordlength; integer bits from -4 to 9: below 0, above the wordlength."""
    return [
        FixedPointType(wordlength, 3 * (wordlength % 5) - 4, signed)
        for signed in (True, False)
        for wordlength in WORDLENGTHS
    ]


def conversions(modes: Modes) -> Iterator[Conversion]:
    """All conversions of a mode pair, in the order of the digests."""
    for dtype, shift, source in product(types(), SHIFTS, types()):
        fraction_bits = dtype.fraction_bits + shift
        yield Conversion(
            FixedPointType(source.wordlength, fraction_bits, source.signed), dtype, *modes
        )


def all_integers(dtype: FixedPointType) -> npt.NDArray[np.int64]:
    """Every stored integer of a type, ascending."""
    return np.arange(dtype.min_int, dtype.max_int + 1, dtype=np.int64)


def qfx_results(modes: Modes) -> npt.NDArray[np.int64]:
    """What qfx.fixedpoint.cast gives for `conversions(modes)`, every source integer, concatenated.

    The sources of one shift share one cast, as a cast does not know the wordlength of its source.
    """
    shared = np.arange(min(t.min_int for t in types()), max(t.max_int for t in types()) + 1)
    order = np.concatenate([all_integers(source) for source in types()]) - shared[0]
    return np.concatenate(
        [
            cast(shared, dtype.fraction_bits + shift, dtype, *modes)[order]
            for dtype, shift in product(types(), SHIFTS)
        ]
    )


def ap_fixed_results(modes: Modes) -> npt.NDArray[np.int64]:
    """What ap_fixed gives for the same."""
    todo = list(conversions(modes))
    return np.concatenate(convert_with_ap_fixed(todo, [all_integers(c.source) for c in todo]))


def digest(results: npt.NDArray[np.int64]) -> str:
    """sha256 of the stored integers as little-endian 16-bit words."""
    return hashlib.sha256(results.astype("<i2").tobytes()).hexdigest()


def key(modes: Modes) -> str:
    """The name of a mode pair in the digests."""
    return " ".join(mode.value for mode in modes)


def difference(modes: Modes, expected: npt.NDArray, found: npt.NDArray) -> str | None:
    """Where qfx.fixedpoint.cast first differs from ap_fixed, as one line; None if nowhere."""
    differs = np.flatnonzero(expected != found)
    if not len(differs):
        return None
    first = int(differs[0])
    offset = first
    for conversion in conversions(modes):
        integers = all_integers(conversion.source)
        if offset < len(integers):
            break
        offset -= len(integers)
    return (
        f"{len(differs)} differences, first {conversion} of integer {integers[offset]}:"
        f" ap_fixed gives {expected[first]}, qfx.fixedpoint.cast {found[first]}"
    )


def run_all(write: bool) -> bool:
    """Checks, or with `write` rewrites, the digests; prints a line per mode pair.

    Returns:
        Whether all agree.
    """
    started = time.monotonic()
    committed = {} if write else json.loads(DIGESTS.read_text())["sha256"]
    digests, agree, count = {}, True, 0
    with ThreadPoolExecutor(2) as pool:  # threads: each waits for a g++ of 1.7 GB
        for number, (modes, expected) in enumerate(
            zip(MODES, pool.map(ap_fixed_results, MODES), strict=True), start=1
        ):
            name, count = key(modes), count + len(expected)
            digests[name] = digest(expected)
            problem = difference(modes, expected, qfx_results(modes))
            if problem is None and not write and committed.get(name) != digests[name]:
                problem = f"ap_fixed's results are not those of {DIGESTS.name}"
            agree = agree and problem is None
            seconds = time.monotonic() - started
            print(
                f"[{number}/{len(MODES)}, {seconds:.0f} s] {name}: {problem or 'equal'}", flush=True
            )
    combinations = sum(1 for modes in MODES for _ in conversions(modes))
    print(f"{combinations} combinations, {count} conversions")
    if write:
        record = {"combinations": combinations, "conversions": count, "sha256": digests}
        DIGESTS.write_text(json.dumps(record, indent=2) + "\n")
    return agree


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", required=True, help="run every combination")
    parser.add_argument("--write", action="store_true", help="rewrite the digests")
    sys.exit(not run_all(parser.parse_args().write))


if __name__ == "__main__":
    main()
