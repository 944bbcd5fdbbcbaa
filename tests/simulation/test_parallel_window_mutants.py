"""Wrong expressions of the parallel line buffer and of the pooling behind it, in either language:
cosim finds each.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from mutant import CPP, RTL, Mutant, mutated

import qfx
from qfx import nn
from qfx.project.folder import Project

PATCHES, TREE = RTL + "qfx_patches.sv", RTL + "qfx_pool_tree.sv"
IN_CPP = CPP + "qfx_patches.hpp"

MUTANTS = {
    "a deaf pipeline": Mutant(PATCHES, r"advance = !out_valid \|\| out_ready", "advance = 1'b1"),
    "a beat that is not there": Mutant(PATCHES, r"take = in_valid && in_ready", "take = in_ready"),
    "columns of the row before": Mutant(PATCHES, r"was_in_image\[s\] \?", "1'b1 ?"),
    "rows outside": Mutant(PATCHES, r"was_row\[r\] \?", "1'b1 ?"),
    "the next bank": Mutant(PATCHES, r"bank_of\(STRIDE_H\)", "bank_of(STRIDE_H + 1)"),
    "a tail that is forgotten": Mutant(
        PATCHES, r"tail <= \(read && last_x\) \|\|", "tail <= 1'b0 &&"
    ),
    "a row given up too early": Mutant(PATCHES, r"gives\(0\)\n", "gives(0) + ROW\n"),
    "a reset that is not": Mutant(PATCHES, r"sent_x <= '0;\n", "\n"),
    "the least": Mutant(TREE, r"x_value > y_value", "x_value < y_value"),
    "a deaf tree": Mutant(TREE, r"in_ready  = !out_valid \|\| out_ready", "in_ready  = 1'b1"),
    "C++: columns outside": Mutant(IN_CPP, r"inside \? held", "true ? held"),
    "C++: another bank": Mutant(IN_CPP, r"banks\[r\] = of_row <", "banks[r] = of_row <="),
    "C++: taps in another order": Mutant(IN_CPP, r"KERNEL_W - 2 - s\]", "s]"),
}


@pytest.fixture(scope="module")
def pooled(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A convolution and a pooling, all taps at once."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Quantizer(5),
        nn.Conv2d(2, 3, 3, padding=1, weight=nn.Quantizer(4), output=nn.Quantizer(5)),
        nn.MaxPool2d(2),
    )
    samples = torch.randn(40, 2, 6, 8) * 3
    qfx.calibrate(model, samples)
    given = {"1": {"window": 2}, "2": {"window": 3}}
    data = samples.double().numpy()
    return qfx.export(
        model, tmp_path_factory.mktemp("pooled") / "p", samples=data, overrides=given, name="net"
    )


@pytest.mark.long
@pytest.mark.parametrize("kind", MUTANTS)
def test_a_mutant_is_caught(
    kind: str, pooled: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    in_cpp = MUTANTS[kind].file.startswith(CPP)
    require_tool("g++" if in_cpp else "verilator")
    simulators = ("csim",) if in_cpp else ("rtl", "rtl-stalled", "rtl-reset")
    changed = mutated(pooled, tmp_path / "mutant", MUTANTS[kind])
    assert not qfx.cosim(changed, simulators, progress=False).equal
