"""Arithmetic by AMD's open ap_fixed headers under g++: result types and values."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qfx.fixedpoint import FixedPointType

# -O0, as compiling takes all the time; -w for the header's own warnings.
FLAGS = ("-O0", "-w", "-fno-exceptions", "-fno-rtti", "-fno-asynchronous-unwind-tables")
OPERATORS = {"add": "+", "sub": "-", "mul": "*", "div": "/"}

PROGRAM = """
#include <cstdint>
#include <cstdio>
#include <cstdlib>
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

template <int W, int I, ap_q_mode Q, ap_o_mode O> void put_type(const ap_fixed<W, I, Q, O>&) {
    put(W), put(I), put(1);
}

template <int W, int I, ap_q_mode Q, ap_o_mode O> void put_type(const ap_ufixed<W, I, Q, O>&) {
    put(W), put(I), put(0);
}

template <int W, int I, ap_q_mode Q, ap_o_mode O> void put_value(const ap_fixed<W, I, Q, O>& x) {
    put((int64_t)(x.range().to_uint64() << (64 - W)) >> (64 - W));
}

template <int W, int I, ap_q_mode Q, ap_o_mode O> void put_value(const ap_ufixed<W, I, Q, O>& x) {
    put(x.range().to_uint64());
}

int main() {
%s
    return 0;
}
"""
ONE = """    {
        put_type(%(a)s() %(sign)s %(b)s(%(one)s));
        for (int64_t left = get(); left > 0; left--) {
            const %(a)s a = number<%(a)s >(get());
            put_value(a %(sign)s number<%(b)s >(get()));
        }
    }"""


@dataclass(frozen=True)
class Operation:
    """An operator of ap_fixed between two types."""

    op: str
    a: FixedPointType
    b: FixedPointType

    def to_cpp(self) -> str:
        largest = 2.0 ** (self.b.wordlength - 1 - self.b.fraction_bits)  # some number but 0
        names = {"a": _name(self.a), "b": _name(self.b), "one": largest}
        return ONE % (names | {"sign": OPERATORS[self.op]})

    def __str__(self) -> str:
        return f"{self.a} {OPERATORS[self.op]} {self.b}"


def _name(dtype: FixedPointType) -> str:
    unsigned = "" if dtype.signed else "u"
    return f"ap_{unsigned}fixed<{dtype.wordlength}, {dtype.integer_bits}>"


def compute_with_ap_fixed(
    operations: Sequence[Operation], pairs: Sequence[npt.NDArray[np.int64]]
) -> list[tuple[FixedPointType, npt.NDArray[np.int64]]]:
    """Each operation's result type, and the stored integers of its results.

    Args:
        operations: all are instantiated in one program, as parsing the headers takes seconds.
        pairs: (count, 2) stored integers of both operands, for each.
    """
    words = b"".join(np.int64(len(rows)).tobytes() + rows.tobytes() for rows in pairs)
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "operations.cpp"), Path(folder, "operations")
        source.write_text(PROGRAM % "\n".join(o.to_cpp() for o in operations))
        headers = Path(find_spec("hls4ml").origin).parent / "templates/vivado/ap_types"
        subprocess.run(["g++", *FLAGS, f"-I{headers}", "-o", str(program), str(source)], check=True)
        stdout = subprocess.run(
            [str(program)], input=words, stdout=subprocess.PIPE, check=True
        ).stdout
    results, found = np.frombuffer(stdout, dtype=np.int64), []
    for rows in pairs:
        wordlength, integer_bits, signed = (int(word) for word in results[:3])
        dtype = FixedPointType(wordlength, wordlength - integer_bits, bool(signed))
        found.append((dtype, results[3 : 3 + len(rows)]))
        results = results[3 + len(rows) :]
    return found
