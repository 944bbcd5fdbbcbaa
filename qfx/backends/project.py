"""The project folder: what export leaves, and what simulation and synthesis start from."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from qfx.backends.manifest import FORMAT_VERSION, Manifest
from qfx.fixedpoint.array import Integers
from qfx.hardware import Stage
from qfx.hardware.layout import stages_of
from qfx.hardware.sections import plan
from qfx.ir import Graph
from qfx.ir.file import read as read_graph
from qfx.ir.several import alone
from qfx.shown import Shown

MANIFEST = "qfx.json"


class ProjectError(ValueError):
    """A folder that is not a whole project, or a place where none can be written."""


@dataclass(frozen=True)
class Project(Shown):
    """A project folder, its manifest read and checked."""

    shown_by = "qfx.report.terminal:show_project"

    path: Path
    manifest: Manifest

    @classmethod
    def open(cls, path: str | Path) -> Project:
        """Raises ProjectError when `path` is not a project folder of this version."""
        if not isinstance(path, (str, Path)):
            raise ProjectError(
                f"{type(path).__name__} is not a project folder: give what qfx.export returned, or"
                " its path"
            )
        path = Path(path)
        manifest = path / MANIFEST
        if not manifest.is_file():
            raise ProjectError(
                f"{path} is not a project folder: it has no {MANIFEST}; make one with 'qfx export'"
            )
        try:
            content: dict[str, Any] = json.loads(manifest.read_text())
            if content.get("format") != FORMAT_VERSION:
                raise ProjectError(
                    f"{manifest} has format {content.get('format')!r}, this qfx reads"
                    f" {FORMAT_VERSION}: export again"
                )
            return cls(path, Manifest.model_validate(content))
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise ProjectError(f"{manifest} is damaged ({error}): export again") from error
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"]))
            raise ProjectError(f"{manifest}: {field}: {first['msg']}; export again") from error

    def graph(self) -> Graph:
        """The integer graph the folder was made from."""
        return read_graph(self.path / "model.qfx")

    def stages(self) -> tuple[Stage, ...]:
        """The stages of the design, laid out anew from the graph, its folding and its queues."""
        manifest = self.manifest
        planned = plan(self.graph(), manifest.inputs[0].width_bits, manifest.multipliers)
        queues = {s.name: s.folding["depth"] for s in manifest.stages if "depth" in s.folding}
        depths = {name: int(depth) for name, depth in queues.items()}
        return stages_of(planned, manifest.foldings, depths)

    def vectors(self, name: str) -> Any:
        """A recorded batch: "stimuli", "golden" or "torch"; of several ports a tuple.

        Raises:
            ProjectError: it is missing or damaged.
        """
        return alone(self.batches(name))

    def batches(self, name: str) -> tuple[Integers, ...]:
        """`vectors` of each port, in the graph's order: a tuple, of one port too."""
        records = self.manifest.inputs if name == "stimuli" else self.manifest.outputs
        return tuple(self._array(f"{name}{record.port().suffix}") for record in records)

    def _array(self, name: str) -> Integers:
        file = self.path / "vectors" / f"{name}.npy"
        try:
            integers: Integers = np.load(file, allow_pickle=False).astype(np.int64)
            return integers
        except (OSError, ValueError, EOFError) as error:
            raise ProjectError(f"{file} cannot be read ({error}): export again") from error

    def changed_files(self) -> list[str]:
        """Files that are missing or not as exported."""
        recorded = self.manifest.files
        own = [MANIFEST] if self.manifest.changed() else []
        return own + [
            name for name, digest in recorded.items() if file_digest(self.path / name) != digest
        ]


def file_digest(path: Path) -> str | None:
    """sha256 of a file; None when there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A new folder beside `target` that takes its place at the end, or vanishes on any error.

    Raises:
        ProjectError: something else is at `target`, or it cannot be written.
    """
    if (
        target.exists()
        and not (target / MANIFEST).is_file()
        and (target.is_file() or any(target.iterdir()))
    ):
        raise ProjectError(
            f"{target} exists and is no project folder: choose another place, nothing was changed"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    except OSError as error:
        raise ProjectError(f"{target} cannot be written: {error.strerror}") from error
    try:
        new = aside / "new"
        new.mkdir()
        yield new
        if target.exists():
            target.rename(aside / "old")
        new.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
