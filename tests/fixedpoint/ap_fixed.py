"""Conversions by AMD's open ap_fixed headers under g++: what a cast in QFX has to equal."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qfx.fixedpoint import FixedPointType, Overflow, Rounding

# -O0, as compiling takes all the time: the results are those of -O1 in two thirds of its time.
# NDEBUG, as the header asks for bits beyond a narrow source, asserts on it, then ignores them.
FLAGS = ("-O0", "-DNDEBUG", "-w", "-fno-exceptions", "-fno-rtti", "-fno-asynchronous-unwind-tables")

PROGRAM = """
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include "ap_fixed.h"

static int64_t get() {
    int64_t word;
    if (fread(&word, 8, 1, stdin) != 1) abort();
    return word;
}

static void put(int64_t word) {
    if (fwrite(&word, 8, 1, stdout) != 1) abort();
}

template <class T> T number(int64_t word) {
    T x;
    x.range() = (ap_ulong)word;
    return x;
}

template <> double number<double>(int64_t word) {
    double x;
    memcpy(&x, &word, 8);
    return x;
}

template <int W, int I, ap_q_mode Q, ap_o_mode O> int64_t stored(const ap_fixed<W, I, Q, O>& x) {
    return (int64_t)(x.range().to_uint64() << (64 - W)) >> (64 - W);
}

template <int W, int I, ap_q_mode Q, ap_o_mode O> int64_t stored(const ap_ufixed<W, I, Q, O>& x) {
    return x.range().to_uint64();
}

template <class Source, class Destination> void convert() {
    for (int64_t left = get(); left > 0; left--) {
        Destination y = number<Source>(get());
        put(stored(y));
    }
}

int main() {
%s
    return 0;
}
"""


@dataclass(frozen=True)
class Conversion:
    """One assignment of ap_fixed: from a fixed-point type, or from double if None, to another."""

    source: FixedPointType | None
    dtype: FixedPointType
    rounding: Rounding
    overflow: Overflow

    def to_cpp(self) -> str:
        modes = f", AP_{self.rounding.value}, AP_{self.overflow.value}"
        source = "double" if self.source is None else _name(self.source)
        return f"    convert<{source}, {_name(self.dtype, modes)} >();"

    def __str__(self) -> str:
        modes = f"{self.rounding.value} {self.overflow.value}"
        return f"{self.source or 'double'} -> {self.dtype} {modes}"


def _name(dtype: FixedPointType, modes: str = "") -> str:
    unsigned = "" if dtype.signed else "u"
    return f"ap_{unsigned}fixed<{dtype.wordlength}, {dtype.integer_bits}{modes}>"


def convert_with_ap_fixed(
    conversions: Sequence[Conversion], inputs: Sequence[npt.NDArray]
) -> list[npt.NDArray[np.int64]]:
    """The stored integers that each conversion gives for its inputs, from one compiled program.

    Args:
        conversions: all are instantiated in one program, as parsing the headers takes seconds.
        inputs: one array each, of stored integers (int64) or of values (float64).
    """
    words = [np.int64(len(x)).tobytes() + x.tobytes() for x in inputs]
    assert all(x.dtype in (np.int64, np.float64) for x in inputs)
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "casts.cpp"), Path(folder, "casts")
        source.write_text(PROGRAM % "\n".join(c.to_cpp() for c in conversions))
        headers = Path(find_spec("hls4ml").origin).parent / "templates/vivado/ap_types"
        subprocess.run(["g++", *FLAGS, f"-I{headers}", "-o", str(program), str(source)], check=True)
        stdout = subprocess.run(
            [str(program)], input=b"".join(words), stdout=subprocess.PIPE, check=True
        ).stdout
    results = np.frombuffer(stdout, dtype=np.int64)
    return np.split(results, np.cumsum([len(x) for x in inputs])[:-1])
