"""The generated text of a few tiny graphs, kept as files: a change shows as a diff.

QFX_UPDATE_GOLDEN=1 rewrites the files.
"""

import os
from pathlib import Path

import pytest

from models import tiny_graphs
from qfx import boards
from qfx.backends import verilog, vitis
from qfx.backends.verilog import ip
from qfx.hardware import schedule
from qfx.hardware.registers import ip_module

GOALS = {"image": 100}
# folder -> graph, and what its products are built of
KEPT = {name: (name, "auto") for name in tiny_graphs()} | {"shift_add": ("image", "none")}
GOLDEN = Path(__file__).parent / "golden"


def generated(name: str) -> dict[str, str]:
    graph, multipliers = KEPT[name]
    board, goal = boards.load("pynq_z2"), GOALS.get(graph, 4)
    design = schedule(tiny_graphs()[graph], board, goal_ii=goal, multipliers=multipliers)
    texts = {f"{module}.sv": text for module, text in verilog.modules(design).items()}
    texts[f"{ip_module(design.graph.name)}.v"] = ip.module(design)
    return texts | vitis.sources(design)


@pytest.mark.parametrize("name", KEPT)
def test_the_text_is_as_kept(name: str) -> None:
    folder = GOLDEN / name
    texts = generated(name)
    if os.environ.get("QFX_UPDATE_GOLDEN") == "1":
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for file, text in texts.items():
            (folder / file).write_text(text)
    assert {path.name for path in folder.iterdir()} == set(texts)
    for file, text in texts.items():
        assert (folder / file).read_text() == text, file
