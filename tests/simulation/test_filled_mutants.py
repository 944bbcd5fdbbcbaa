"""A mistake in what fills vectors up, sends whole beats on in parts, or lets a row of a product
wait, is found in both languages.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from mutant import CPP, RTL, Mutant, require_caught

import qfx
from qfx import nn
from qfx.project.folder import Project

RESIZE, CPP_RESIZE = RTL + "qfx_resize.sv", CPP + "qfx_resize.hpp"
PRODUCT = RTL + "qfx_product_lut.sv"

MUTANTS = {
    ("rtl", "a part's last beat leaves"): Mutant(RESIZE, r"<= !fits_then\[1\]", "<= !fits_then[2]"),
    ("rtl-stalled", "a part's last beat comes"): Mutant(
        RESIZE, r"last \? (\{\S+LAST_PUSH - OUT\),)", r"1'b0 ? \1"
    ),
    ("rtl", "what comes"): Mutant(RESIZE, r"<= take \? in_data", "<= give ? in_data"),
    ("rtl", "what comes last"): Mutant(RESIZE, r"<= in_data\[IN\*BITS-1:LAST\]", "<= '0"),
    ("rtl-stalled", "too early"): Mutant(RESIZE, r"single && out_ready", "single"),
    ("rtl", "digit"): Mutant(PRODUCT, r"held <= \{w\[HIGH\], w\[LOW\]\}", "held <= w[1:0]"),
    ("rtl", "multiples"): Mutant(PRODUCT, r"one\} = multiples", "one} = {3{once}}"),
    ("csim", "a part's beats"): Mutant(CPP_RESIZE, r"level = taken = 0", "taken = 0"),
    ("csim", "parts"): Mutant(CPP_RESIZE, r"left = OUT_BEATS;\n        \+", "left = 1;\n        +"),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Pixels of 8 channels over 3 lanes, then of 6 over 2; 32 results go to a port of 16."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Quantizer(5),
        nn.Conv2d(8, 6, 1, weight=nn.Quantizer(6), output=nn.Quantizer(5)),
        nn.Conv2d(6, 32, 1, weight=nn.Quantizer(6), output=nn.Quantizer(6)),
    )
    samples = torch.randn(40, 8, 3, 5) * 3
    qfx.calibrate(model, samples)
    project = qfx.export(
        model,
        tmp_path_factory.mktemp("filled") / "net",
        samples=samples.double().numpy(),
        overrides={"1": {"pe": 6, "simd": 3}, "2": {"pe": 32, "simd": 2}},
        name="net",
    )
    parts = [s.parts for s in project.stages() if s.kind == "resize" and s.source]
    assert 15 in parts
    assert 1 in parts
    return project


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
