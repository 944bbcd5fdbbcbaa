"""Where memories go, and the queue in block RAM: cycle by cycle the one in LUTs."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from qfx import assets
from qfx.boards import Resources
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.hardware import weights
from qfx.hardware.memory import memory_of, ram, rom, varying_bits
from qfx.hardware.stream import divisors
from qfx.tools import run

DEPTHS = (1, 2, 3, 4, 7, 64, 100)
PAIR = """
module pair #(parameter int BITS = 9, parameter int DEPTH = 1) (
    input logic clk, rst, in_valid, out_ready, input logic [BITS-1:0] in_data,
    output logic same, full, empty);
  logic a_ready, b_ready, a_valid, b_valid;
  logic [BITS-1:0] a, b;
  qfx_fifo #(.BITS(BITS), .DEPTH(DEPTH)) luts (
      .clk(clk), .rst(rst), .in_valid(in_valid), .in_ready(a_ready), .in_data(in_data),
      .out_valid(a_valid), .out_ready(out_ready), .out_data(a));
  qfx_fifo_block #(.BITS(BITS), .DEPTH(DEPTH)) blocks (
      .clk(clk), .rst(rst), .in_valid(in_valid), .in_ready(b_ready), .in_data(in_data),
      .out_valid(b_valid), .out_ready(out_ready), .out_data(b));
  assign same = a_ready == b_ready && a_valid == b_valid && (!a_valid || a == b);
  assign full = !a_ready;
  assign empty = !a_valid;
endmodule
"""
MAIN = """
#include <cstdio>
#include <random>
#include "Vpairs.h"
int main() {
  Vpairs top;
  std::mt19937 random(0);
  unsigned full = 0, empty = 0;
  const unsigned all = (1u << COUNT) - 1;
  for (int cycle = 0; cycle < 40000; ++cycle) {
    const unsigned speed = cycle / 1000 % 5;  // of either side, of four; both always, at last
    top.rst = cycle < 2;
    top.in_valid = speed == 4 || random() % 4 < speed + 1;
    top.out_ready = speed == 4 || random() % 4 > speed;
    top.in_data = random();
    top.clk = 0, top.eval();
    if (cycle >= 2) {
      if (top.same != all) return std::printf("cycle %d: %x\\n", cycle, top.same), 1;
      full |= top.full, empty |= top.empty;
    }
    top.clk = 1, top.eval();
  }
  if (full != all || empty != all) return std::printf("full %x, empty %x\\n", full, empty), 1;
  return 0;
}
"""


def test_small_memories_go_to_luts_and_large_ones_to_block_ram() -> None:
    assert memory_of(64, 1000) == "distributed"
    assert memory_of(128, 8) == "distributed"
    assert memory_of(1024, 8) == "block"
    assert memory_of(200, 100) == "block"
    for depth in (1, 65, 512, 5000):
        for bits in (1, 8, 70):
            kept = ram(depth, bits)
            assert (kept.bram_18k > 0) == (memory_of(depth, bits) == "block")
            assert (rom(depth, bits, bits).bram_18k > 0) == (memory_of(depth, bits) == "block")


def test_only_bits_that_vary_are_built() -> None:
    words = np.array([[3, -1], [3, -2], [7, -1]])
    assert varying_bits(words, 4) == 2
    assert rom(512, 40, 36) == Resources(bram_18k=1)
    assert rom(512, 40, 40) == Resources(bram_18k=2)
    assert rom(512, 40, 0) == rom(1, 40, 40) == Resources()


@pytest.mark.parametrize("kept", [1, 8, 1 << 16])
def test_bits_that_vary_are_those_of_the_words(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_KEPT", kept)
    generator = np.random.default_rng(0)
    for shape in ((1, 1, 1), (1, 6, 4), (2, 9, 8), (3, 12, 5)):
        for low, high in ((-32, 32), (-1, 1), (0, 2), (5, 8)):
            integers = generator.integers(low, high, shape)
            held = weights.Weights(FixedPointArray(integers, FixedPointType(7, 0)))
            groups, inputs, outputs = shape
            for pe in divisors(outputs):
                for simd in divisors(inputs):
                    for by_terms in (False, True):
                        whole = held.terms.codes() if by_terms else held.mantissa.integers
                        bits = held.terms.term_bits if by_terms else held.mantissa.dtype.wordlength
                        lanes = whole.reshape(groups, inputs // simd, simd, outputs // pe, pe, -1)
                        words = lanes.transpose(0, 3, 1, 4, 2, 5).reshape(
                            -1, pe * simd * lanes.shape[-1]
                        )
                        assert held.varying_bits(pe, simd, by_terms) == varying_bits(words, bits)


def test_a_queue_in_block_ram_is_the_one_in_luts(
    tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    count = len(DEPTHS)
    pairs = "".join(
        f"  pair #(.DEPTH({depth})) p{n} (.*, .same(same[{n}]), .full(full[{n}]),"
        f" .empty(empty[{n}]));\n"
        for n, depth in enumerate(DEPTHS)
    )
    top = f"""{PAIR}
module pairs (
    input logic clk, rst, in_valid, out_ready, input logic [8:0] in_data,
    output logic [{count - 1}:0] same, full, empty);
{pairs}endmodule
"""
    (tmp_path / "pairs.sv").write_text(top)
    (tmp_path / "main.cpp").write_text(MAIN)
    library = assets.folder("hls_templates") / "verilog" / "lib"
    run(
        *("verilator", "--cc", "--exe", "--build", "--top-module", "pairs", "-y", str(library)),
        *("-CFLAGS", f"-DCOUNT={count}", "pairs.sv", "main.cpp"),
        cwd=str(tmp_path),
    )
    result = subprocess.run([tmp_path / "obj_dir" / "Vpairs"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout
