"""A row of the table of refusals: what is called, with what, and the sentence that answers it."""

import importlib
import re
from dataclasses import dataclass
from pathlib import Path


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
    """The cases by title: one file of_TOPIC.py each, with TITLE and CASES, in alphabetical order.

    A new public call gets such a file; a new layer's arguments a line in of_layers.py.
    """
    files = sorted(Path(__file__).parent.glob("of_*.py"))
    modules = [importlib.import_module(file.stem) for file in files]
    return {module.TITLE: module.CASES for module in modules}
