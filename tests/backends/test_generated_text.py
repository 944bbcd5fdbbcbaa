"""The generated text of a few tiny graphs, kept as files: a change shows as a diff.

What would say nothing new is not kept: a file that is its neighbour's, byte for byte, and the IP of
more than one graph, which is the same but for widths and names.

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
NEIGHBOURS = {"shift_add": "image", "only_matmul": "layer"}
WITH_IP = ("image",)
GOLDEN = Path(__file__).parent / "golden"


def generated(name: str) -> dict[str, str]:
    graph, multipliers = KEPT[name]
    board, goal = boards.load("pynq_z2"), GOALS.get(graph, 4)
    design = schedule(tiny_graphs()[graph], board, goal_ii=goal, multipliers=multipliers)
    texts = {f"{module}.sv": text for module, text in verilog.modules(design).items()}
    if name in WITH_IP:
        texts[f"{ip_module(design.graph.name)}.v"] = ip.module(design)
    return texts | vitis.sources(design)


@pytest.mark.parametrize("name", sorted(KEPT, key=NEIGHBOURS.__contains__))  # those after theirs
def test_the_text_is_as_kept(name: str) -> None:
    folder, neighbour = GOLDEN / name, GOLDEN / NEIGHBOURS.get(name, "none")
    texts = generated(name)
    same = {f for f, text in texts.items() if _read(neighbour / f) == text}
    if os.environ.get("QFX_UPDATE_GOLDEN") == "1":
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for file in texts.keys() - same:
            (folder / file).write_text(texts[file])
    assert {path.name for path in folder.iterdir()} == texts.keys() - same
    for file in texts.keys() - same:
        assert _read(folder / file) == texts[file], file


def _read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None
