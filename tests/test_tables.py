"""The pages of docs/ that `make tables` writes say what is so."""

import numpy as np
import pytest

import tables
from markdown_tables import cell, table
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.ir import Graph, GraphBuilder
from qfx.ops import Cast, Matmul
from tables import DOCS, pages, summary


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return {str(path.relative_to(DOCS)): text for path, text in pages().items()}


def test_the_pages_are_up_to_date(made: dict[str, str]) -> None:
    old = [name for name, text in made.items() if (DOCS / name).read_text() != text]
    assert not old, f"out of date: run make tables ({', '.join(old)})"


def test_every_row_has_the_cells_of_its_header(made: dict[str, str]) -> None:
    for name, text in made.items():
        width = 0
        for line in text.splitlines():
            cells = line.replace("\\|", "").count("|") if line.startswith("|") else 0
            assert cells in (0, width or cells), f"{name}: {line}"
            width = cells


def test_a_cell_tells_what_was_refused() -> None:
    assert summary(["equal", "equal"]) == "equal"
    assert summary(["written", "no | such mode: use SAT"]) == (
        "1 written, 1 refused: “no \\| such mode: use SAT”"
    )
    long = "one two three four five six seven eight nine, ten"
    assert summary([long, long]) == "2 refused: “one two three four five six seven eight nine …”"


def test_a_language_that_differs_makes_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def times(factor: int) -> Graph:
        builder = GraphBuilder("one")
        weight = FixedPointArray(np.array([[factor]]), FixedPointType(4, 0))
        x = builder.input((1,), Cast(2, FixedPointType(4, 2)))
        return builder.build(builder.add(Matmul(weight), x))

    graph, write = times(2), tables.qonnx.write
    data = graph.inputs[0].read([[0.5]])
    found = tables.languages(graph, (data,))
    assert found == {"QONNX": "equal", "Vitis": "written", "Verilog": "written"}
    monkeypatch.setattr(tables.qonnx, "write", lambda _, path: write(times(3), path))
    with pytest.raises(AssertionError, match="Arrays are not equal"):
        tables.languages(graph, (data,))


def test_markdown_is_escaped_outside_code() -> None:
    assert cell("a -> `b->c` *") == "a -\\> `b->c` \\*"
    assert table(("x", "y"), [["1", "2"]]) == "| x | y |\n| --- | --- |\n| 1 | 2 |\n"
