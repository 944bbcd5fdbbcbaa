"""The notebook that proves the core on the board, in Jupyter's format 4.5."""

from __future__ import annotations

import json
from typing import Any

from qfx.backends.pynq.templates import render
from qfx.hardware import Design


def notebook(design: Design) -> str:
    """The text of the notebook."""
    graph = design.graph
    text = render(
        "notebook.md.j2",
        name=graph.name,
        board=design.board.title,
        stimuli=[f"stimuli{port.suffix}.npy" for port in design.inputs],
        golden=[f"golden{port.suffix}.npy" for port in design.outputs],
        fps=f"{design.frames_per_second(design.believed_mhz):,.0f}",
        clock_mhz=f"{design.believed_mhz:.4g}",
        asked_mhz=f"{design.board.clock_mhz:g}",
    )
    cells = [_cell(number, part) for number, part in enumerate(text.split("\n---\n"))]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1) + "\n"


def _cell(number: int, text: str) -> dict[str, Any]:
    """A cell of the notebook: code where it is fenced."""
    text = text.strip()
    cell: dict[str, Any] = {"id": f"cell-{number}", "metadata": {}}
    if not text.startswith("```python"):
        return {"cell_type": "markdown", **cell, "source": text.splitlines(keepends=True)}
    code = text.removeprefix("```python\n").removesuffix("\n```").splitlines(keepends=True)
    return {"cell_type": "code", **cell, "execution_count": None, "outputs": [], "source": code}
