"""A row of the table of refusals: what is called, with what, and the sentence that answers it."""

import importlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGES = {  # of docs/refusals/, and what is refused there
    "layers": "Layers",
    "numbers": "Numbers and arithmetic",
    "training": "Training, calibration, labels",
    "convert": "Conversion of float models",
    "lowering": "Lowering to integers",
    "files": "Files",
    "projects": "Projects, the command line, synthesis",
}


@dataclass(frozen=True)
class Refusal:
    """A call that must fail.

    Args:
        given: what is wrong with it, in a few words.
        call: Python, with the names of `world`, or a command line that begins with "qfx ".
        error: what it raises; None for a command, which says the sentence and exits with 1.
        says: the whole sentence; … stands for any text, such as another program's words.
        needs: the program without which another sentence is said; empty where none matters.
    """

    given: str
    call: str
    error: type[Exception] | None
    says: str
    needs: str = ""

    def matches(self, sentence: str) -> bool:
        pattern = ".*".join(map(re.escape, self.says.split("…")))
        return re.fullmatch(pattern, sentence, re.DOTALL) is not None


def topics() -> dict[str, tuple[Refusal, ...]]:
    """The cases by title: one file of_TOPIC.py each, with TITLE, PAGE and CASES, in alphabetical
    order.

    A new public call gets such a file; a new layer's arguments a line in of_layers.py.
    """
    return {topic.TITLE: topic.CASES for topic in _modules()}


def pages() -> dict[str, dict[str, tuple[Refusal, ...]]]:
    """The same by the page of the documentation that each topic stands on."""
    found: dict[str, dict[str, tuple[Refusal, ...]]] = {page: {} for page in PAGES}
    for topic in _modules():
        found[topic.PAGE][topic.TITLE] = topic.CASES
    return found


def _modules() -> list[Any]:
    files = sorted(Path(__file__).parent.glob("of_*.py"))
    return [importlib.import_module(file.stem) for file in files]
