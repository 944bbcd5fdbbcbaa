"""A mistake in a stage that holds nothing, depthwise or subsample, is found in both languages."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from mutant import CPP, RTL, Mutant, require_caught

import qfx
from qfx import nn
from qfx.project.folder import Project

RTL_STAGE, CPP_STAGE = RTL + "qfx_depthwise.sv", CPP + "qfx_depthwise.hpp"
RESULTS = RTL + "qfx_results.sv"
SUBSAMPLE, CPP_SUBSAMPLE = RTL + "qfx_subsample.sv", CPP + "qfx_subsample.hpp"

MUTANTS = {
    ("rtl", "taps"): Mutant(RTL_STAGE, r"STEP_BITS'\(IN_BEATS - 1\)", "STEP_BITS'(IN_BEATS - 2)"),
    ("rtl", "blocks"): Mutant(RTL_STAGE, r"BLOCKS \* IN_BEATS - 1", "IN_BEATS - 1"),
    ("rtl", "lane of the weights"): Mutant(RTL_STAGE, r"\(c \* OUTPUTS \+ o\)", "o"),
    ("rtl", "sums begin at 0"): Mutant(RTL_STAGE, r"rst \|\| \(advance && sum_last\)", "rst"),
    ("rtl", "row"): Mutant(RESULTS, r"row <= row ==", "row <= 1'b1 ||row =="),
    ("rtl-stalled", "goes on"): Mutant(RESULTS, r"valid && !ready", "1'b0"),
    ("rtl-stalled", "what is not there"): Mutant(RTL_STAGE, "= in_valid && in_ready", "= in_ready"),
    ("csim", "lane"): Mutant(CPP_STAGE, r"t \* CHANNELS \+ channel", "t * CHANNELS"),
    ("csim", "block"): Mutant(CPP_STAGE, r"weights\[block\]", "weights[0]"),
    ("rtl", "column"): Mutant(SUBSAMPLE, r"STRIDE - 1\)", "STRIDE - 2)"),
    ("rtl", "last column"): Mutant(SUBSAMPLE, r"last_column \|\| past", "past"),
    ("rtl-stalled", "is lost"): Mutant(SUBSAMPLE, r"!met \|\| !out_valid", "!met || 1'b1"),
    ("csim", "column"): Mutant(CPP_SUBSAMPLE, r"column % STRIDE == 0", "column % STRIDE == 1"),
    ("csim", "shift"): Mutant(CPP_STAGE, r"sum << shifts\[block\]", "sum << shifts[0]"),
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two blocks of three channels, two results of each, rows shifted, of pixels that are met."""
    torch.manual_seed(0)
    weight = nn.Quantizer(6, per_channel=True)
    model = nn.Sequential(
        nn.Quantizer(5),
        nn.Conv2d(6, 6, 1, stride=(1, 2), groups=6),
        nn.Conv2d(6, 12, 2, groups=6, weight=weight),
    )
    with torch.no_grad():  # so that the rows' binary points differ
        model[2].weight.mul_(torch.tensor([1, 4, 1, 16] * 3).reshape(12, 1, 1, 1))
    samples = torch.randn(40, 6, 4, 7) * 3
    qfx.calibrate(model, samples)
    project = qfx.export(
        model,
        tmp_path_factory.mktemp("depthwise") / "net",
        samples=samples.double().numpy(),
        overrides={"1": {"pe": 6}, "2": {"pe": 6, "simd": 3}},
        name="net",
    )
    met, _, stage = (s for s in project.stages() if s.kind in {"subsample", "depthwise"})
    assert met.width % met.stride
    assert len(np.unique(stage.row_shifts)) > 1
    assert (stage.groups, stage.channels, stage.steps) == (2, 3, 4)
    return project


def test_the_original_is_equal_everywhere(
    project: Project, require_tool: Callable[[str], None]
) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    result = qfx.cosim(project, ("golden", "csim", "rtl", "rtl-stalled", "rtl-reset"))
    assert result.equal, result.verdict()


@pytest.mark.long
@pytest.mark.parametrize(("language", "kind"), MUTANTS)
def test_a_mutant_is_caught(
    language: str,
    kind: str,
    project: Project,
    tmp_path: Path,
    require_tool: Callable[[str], None],
) -> None:
    require_caught(MUTANTS[language, kind], language, project, tmp_path, require_tool)
