"""Wrong edits of every other file of a project: C++, the IP, the driver, vectors, the manifest."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from qfx.fixedpoint import FixedPointArray
from qfx.project.folder import MANIFEST, Project, file_digest

_SAME = "what the golden model gives for the edited sample is what was recorded"


@dataclass(frozen=True)
class FileMutation:
    """One wrong edit.

    Args:
        language: or what else the file is.
        kind, what, harmless: as for Mutation.
        file: below the project's folder.
        change: of the file.
        simulators: that may find it, the quickest first.
    """

    language: str
    kind: str
    what: str
    file: str
    change: Callable[[Path], None]
    simulators: tuple[str, ...]
    harmless: str = ""

    def apply(self, folder: Path) -> None:
        """Edit the file, then record its hash anew.

        Raises:
            ValueError: nothing has changed, or it is not named "changed since export".
        """
        self.change(folder / self.file)
        named = Project.open(folder).changed_files()
        if named != [self.file]:
            raise ValueError(f"{self.file}: {self.what}: {named} have changed")
        content = json.loads((folder / MANIFEST).read_text())
        if self.file != MANIFEST:
            content["files"][self.file] = file_digest(folder / self.file)
            (folder / MANIFEST).write_text(json.dumps(content))
        sealed = Project.open(folder).manifest.sealed()
        (folder / MANIFEST).write_text(sealed.model_dump_json())


def mutations(project: Project) -> list[FileMutation]:
    """Those of wrong_files.yaml, and one integer of each vector, one claim of the manifest."""
    design = project.manifest.name
    rows = yaml.safe_load(Path(__file__).with_name("wrong_files.yaml").read_text())
    found = [
        FileMutation(
            row["in"], row["kind"], row["what"], row["file"], _sub(row["find"], row["put"]),
            tuple(row["by"]), row.get("harmless", ""),
        )
        for row in rows[design]
    ]  # fmt: skip
    if design == "vector":
        for name, simulators in (("stimuli", "golden"), ("golden", "golden"), ("torch", "torch")):
            file, why = f"vectors/{name}.npy", _same(project) if name == "stimuli" else ""
            found.append(
                FileMutation("vectors", "an integer", name, file, _element, (simulators,), why)
            )
        for kind, what, claim in (
            ("cycles", "ten less predicted", _predict),
            ("type", "the output's fraction bits", _output_type),
            ("type", "the input's sign", _input_sign),
            ("graph", "its hash", _hash),
        ):
            found.append(
                FileMutation("qfx.json", kind, what, MANIFEST, _claim(claim), ("golden", "rtl"))
            )
    return found


def _sub(pattern: str, replacement: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_text(re.sub(pattern, replacement, path.read_text(), count=1, flags=re.DOTALL))

    return change


def _element(path: Path) -> None:
    array = np.load(path)
    _edit(array)
    np.save(path, array)


def _edit(array: Any) -> None:
    array[3].flat[0] ^= 1


def _same(project: Project) -> str:
    """Why the edited stimulus changes nothing; empty where it does."""
    graph, stimuli = project.graph(), project.vectors("stimuli")
    _edit(stimuli)
    found = graph.run(FixedPointArray(stimuli, graph.inputs[0].cast.dtype)).integers
    return _SAME if np.array_equal(found, project.vectors("golden")) else ""


def _claim(change: Callable[[Any], None]) -> Callable[[Path], None]:
    def apply(path: Path) -> None:
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return apply


def _predict(content: Any) -> None:
    content["prediction"]["initiation_interval"] -= 10


def _output_type(content: Any) -> None:
    content["outputs"][0]["fraction_bits"] -= 1


def _input_sign(content: Any) -> None:
    content["inputs"][0]["signed"] = False


def _hash(content: Any) -> None:
    content["graph_sha256"] = content["graph_sha256"][::-1]
