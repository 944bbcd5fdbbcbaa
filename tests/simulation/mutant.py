"""One wrong edit of a generated file."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import qfx
from qfx.project.folder import Project

RTL = "verilog/src/"
CPP = "vitis/src/"


@dataclass(frozen=True)
class Mutant:
    """An edit of one generated file.

    Args:
        file: below the project folder.
        pattern: a regular expression; its first match is replaced.
        replacement: as for re.sub.
    """

    file: str
    pattern: str
    replacement: str | Callable[[re.Match[str]], str]


def next_digit(found: re.Match[str]) -> str:
    """The hexadecimal number with another last digit."""
    return f"{found[1]}{(int(found[2], 16) + 1) % 16:x}"


def mutated(project: Project, folder: Path, mutant: Mutant) -> Project:
    shutil.copytree(project.path, folder)
    file = folder / mutant.file
    text = file.read_text()
    changed = re.sub(mutant.pattern, mutant.replacement, text, count=1, flags=re.DOTALL)
    assert changed != text, "the mutation found nothing to change"
    file.write_text(changed)
    return Project.open(folder)


def require_caught(
    mutant: Mutant,
    simulator: str,
    project: Project,
    folder: Path,
    require_tool: Callable[[str], None],
) -> None:
    """Fails where a simulator finds a project with an edit equal to the golden model."""
    require_tool("g++" if simulator == "csim" else "verilator")
    changed = mutated(project, folder / "mutant", mutant)
    assert not qfx.cosim(changed, ("golden", simulator)).equal
