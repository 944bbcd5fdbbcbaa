"""benchmarks/structure.py counts what it says, on a tree of a few lines; here some must be 0."""

from pathlib import Path

import pytest
import structure
from stage_names import StageNames

ROOT = Path(__file__).parent.parent

TREE = {
    "qfx/__init__.py": "",
    "qfx/ops.py": "class Pool: ...\n",
    "qfx/hardware/__init__.py": "from qfx.hardware.stages.pool import Pool\n",
    "qfx/hardware/stage.py": "class Stage: ...\nclass Join(Stage): ...\n",
    "qfx/hardware/stages/pool.py": """\
from qfx.hardware.stage import Stage
class Pool(Stage):
    kind = "pool"
    def same(self, other): return isinstance(other, Pool)
""",
    "qfx/hardware/stages/merge.py": """\
from typing import ClassVar
from qfx.hardware.stage import Join
class Merge(Join):
    kind: ClassVar[str] = "merge"
""",
    "qfx/hardware/lists.py": """\
from qfx.hardware.stages.pool import Pool
HEADS = (Pool,)
""",
    "qfx/backends/text.py": """\
'''A docstring may speak of qfx_merge and of "pool".'''
from qfx.hardware import Pool
from qfx.hardware.stages.merge import Merge
SPELLED = {Pool: "p", Merge: "m"}
def spelled(stage): return isinstance(stage, Merge)
""",
    "qfx/report.py": "WORD = 'merge'\n",
    "qfx/nn.py": "WORD = 'merge'  # another library's\n",
    "hls_templates/lib/qfx_pool.sv": "// as qfx_merge\nmodule qfx_pool();\n",
    "hls_templates/lib/top.cpp": "/* qfx_merge */ qfx::pool<3>(x);\n",
}


def tree(folder: Path, **more: str) -> StageNames:
    files = TREE | {name.replace("__", "/") + ".py": text for name, text in more.items()}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return StageNames(folder)


def test_files_that_name_a_stage_by_class_word_or_module(tmp_path: Path) -> None:
    names = tree(tmp_path)
    assert names.kinds == {"pool": "Pool", "merge": "Merge"}
    assert names.naming() == {
        "merge": ["qfx/backends/text.py", "qfx/hardware/stages/merge.py", "qfx/report.py"],
        "pool": [
            "hls_templates/lib/qfx_pool.sv",
            "hls_templates/lib/top.cpp",
            "qfx/backends/text.py",
            "qfx/hardware/__init__.py",
            "qfx/hardware/lists.py",
            "qfx/hardware/stages/pool.py",
        ],
    }
    assert names.spellings == ["qfx/backends/text.py"]
    asked = {place.path: names.is_page(place.path) for place in names.questions()}
    assert asked == {"qfx/backends/text.py": False, "qfx/hardware/stages/pool.py": True}


@pytest.mark.parametrize(
    "text",
    [
        "from qfx.hardware import Pool\nx = isinstance(s, Pool)",
        "from qfx.hardware import Pool as P\nx = isinstance(s, (int, P))",
        "from qfx.hardware.stage import Join\nx = isinstance(s, Join)",
        "from qfx.hardware.lists import HEADS\nx = isinstance(s, HEADS)",
        "from qfx import hardware\nx = isinstance(s, hardware.Pool)",
        "import qfx.hardware\nx = isinstance(s, qfx.hardware.Pool | None)",
        "from qfx.hardware import Pool\nx = type(s) is Pool",
        "from qfx.hardware import Pool\nmatch s:\n    case Pool(): ...",
        "x = s.kind == 'pool'",
        "x = s.kind in ('fifo', 'merge')",
        "CARRIES = ('fifo', 'merge')\nx = s.kind in CARRIES",
    ],
)
def test_a_place_that_asks_for_a_kind(tmp_path: Path, text: str) -> None:
    names = tree(tmp_path, qfx__asks=text)
    assert [place.path for place in names.questions()].count("qfx/asks.py") == 1


@pytest.mark.parametrize(
    "text",
    [
        "from qfx.ops import Pool\nx = isinstance(s, Pool)",
        "from qfx.hardware.stage import Stage\nx = isinstance(s, Stage)",
        "from qfx.hardware import Pool\nx = isinstance(s, int)",
        "x = array.dtype.kind == 'f'",
    ],
)
def test_what_asks_for_something_else(tmp_path: Path, text: str) -> None:
    names = tree(tmp_path, qfx__asks=text)
    assert "qfx/asks.py" not in {place.path for place in names.questions()}


def test_no_module_imports_in_a_circle() -> None:
    graph, order = structure.imports_of(ROOT)
    assert structure.circles_of(graph) == []
    assert structure.upward_of(graph, order) == []


def test_only_a_page_and_a_spelling_know_kinds_of_stages() -> None:
    assert structure.asked_by_place(StageNames(ROOT))["elsewhere"] == []
