"""The project folder: what export leaves, and what simulation and synthesis start from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from qfx import foreign
from qfx.data import Numbers
from qfx.disk import Damaged, fault, json_text, nearby, npy, shown, whole
from qfx.errors import ArgumentError, QfxError, path_of
from qfx.fixedpoint.array import Integers, require_integers
from qfx.hardware import Stage
from qfx.hardware.architectures import architecture
from qfx.hardware.layout import Layout
from qfx.ir import Graph
from qfx.ir.file import read as read_graph
from qfx.ir.several import alone
from qfx.project.manifest import FORMAT_VERSION, Manifest
from qfx.shown import Shown

MANIFEST = "qfx.json"
FINDINGS = frozenset({"verdict.json", "synthesis.json", "report.html"})  # beside the manifest


class ProjectError(QfxError):
    """A folder that is not a whole project, or a place where none can be written."""


@dataclass(frozen=True)
class Project(Shown):
    """A project folder, its manifest read and checked.

    Args:
        path: absolute, of an opened one: it stays right wherever the program goes.
    """

    shown_by = "qfx.report.terminal:show_project"

    path: Path
    manifest: Manifest

    @classmethod
    def open(cls, path: Project | str | Path) -> Project:
        """The project at a path; one that is open already is given back.

        Raises:
            ProjectError: `path` is not a project folder of this version.
        """
        if isinstance(path, Project):
            return path
        if not isinstance(path, (str, Path)):
            raise ProjectError(
                f"{type(path).__name__} is not a project folder: give what qfx.export returned, or"
                " its path"
            )
        path = Path(path)
        manifest = path / MANIFEST
        if not manifest.is_file():
            said = foreign.named(path) if path.is_file() else None
            raise ProjectError(
                said
                or f"{path} is not a project folder: it has no {MANIFEST}; make one with 'qfx"
                " export'"
            )
        try:
            data = manifest.read_bytes()
            content = json_text.read(data)
            version = content.get("format") if isinstance(content, dict) else None
            if version != FORMAT_VERSION:
                raise ProjectError(
                    f"{manifest} has format {shown(version)}, this qfx reads"
                    f" {FORMAT_VERSION}: export again"
                )
            return cls(Path(os.path.abspath(path)), Manifest.model_validate_json(data))
        except OSError as error:
            raise ProjectError(f"{manifest} cannot be read: {error.strerror}") from error
        except Damaged as error:
            raise ProjectError(f"{manifest} is damaged ({error}): export again") from error
        except ValidationError as error:
            raise ProjectError(f"{manifest}: {fault(error)}; export again") from error

    def graph(self) -> Graph:
        """The integer graph the folder was made from."""
        return read_graph(self.path / "model.qfx")

    def stages(self) -> tuple[Stage, ...]:
        """The stages of the design, laid out anew from the graph, its folding and its queues, and
        the same as those that were recorded.

        Raises:
            ProjectError: the manifest's architecture is none that there is, its foldings or queues
                are not of the graph, or this qfx lays out other stages than the one that exported
                it.
        """
        manifest, graph = self.manifest, self.graph()
        try:
            laid_out = architecture(manifest.architecture)
        except ArgumentError as error:
            raise ProjectError(f"{nearby(self.path / MANIFEST)}: {error}; export again") from error
        queues = {s.name: s.folding["depth"] for s in manifest.stages if "depth" in s.folding}
        try:
            depths = {name: int(depth) for name, depth in queues.items()}
            layout = Layout(
                manifest.inputs[0].width_bits, manifest.multipliers, manifest.foldings, depths
            )
            stages = laid_out.restore(graph, layout)
        except (ArithmeticError, AssertionError, LookupError, StopIteration, ValueError) as error:
            raise ProjectError(
                f"{nearby(self.path / MANIFEST)}: its foldings or queues are not of the graph in"
                " model.qfx: export again"
            ) from error
        self._require_recorded(stages)
        return stages

    def _require_recorded(self, stages: tuple[Stage, ...]) -> None:
        """Raises ProjectError at the first stage that is not as recorded."""
        for found, wanted in zip_longest(stages, self.manifest.stages):
            if found is None or wanted is None or not wanted.describes(found):
                name = found.name if wanted is None else wanted.name
                raise ProjectError(
                    f"{nearby(self.path / MANIFEST)}: stage {shown(name)} is not laid out as it was"
                    " recorded, by another version of qfx or changed since: export again"
                )

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

    def labels(self) -> tuple[Numbers, ...]:
        """Of the first samples, for each output; empty where none were given.

        Raises:
            ProjectError: they are missing or damaged.
        """
        if not self.manifest.vectors.scores:
            return ()
        return tuple(
            self._numbers(f"labels{record.port().suffix}") for record in self.manifest.outputs
        )

    def _array(self, name: str) -> Integers:
        numbers, file = self._numbers(name), self.path / "vectors" / f"{name}.npy"
        try:
            return require_integers(numbers)
        except ValueError as error:
            raise ProjectError(f"{nearby(file)} cannot be read ({error}): export again") from error

    def _numbers(self, name: str) -> Numbers:
        file = self.path / "vectors" / f"{name}.npy"
        try:
            return npy.read(file)
        except (OSError, ValueError) as error:
            raise ProjectError(f"{nearby(file)} cannot be read ({error}): export again") from error

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


def write(path: Path, data: bytes | str) -> None:
    """Put a file that a person asked for where it belongs, whole or not at all.

    Raises:
        ProjectError: it cannot be written; what was there is unchanged.
    """
    try:
        whole.write(path, data)
    except OSError as error:
        raise ProjectError(
            f"{nearby(path)} cannot be written: {error.strerror or error}"
        ) from error


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A new folder beside `target` that takes its place at the end, or vanishes on any error.

    What others have put into the old one is in the new one, too: bitstreams, notes, what tools have
    made. Whatever ends this, a kill too, either the old or the new folder is there, whole.

    Raises:
        ProjectError: something else is at `target`, it cannot be written, or another export does.
    """
    written_by_us(target)  # refuses before anything is written

    def keep(old: Path, new: Path) -> None:
        whole.take_over(old, new, written_by_us(old))

    try:
        with whole.replacing(target, keep) as new:
            yield new
    except whole.InTheWayError as error:
        raise ProjectError(
            f"{nearby(Path(error.filename))} is not of the last export, and stands where this one"
            " writes: move it away; nothing was changed"
        ) from error
    except OSError as error:
        raise ProjectError(
            f"{nearby(target)} cannot be written: {error.strerror or error}; nothing was changed"
        ) from error


def absolute(directory: str | Path) -> Path:
    """Where a folder is, wherever one goes afterwards.

    Raises:
        ProjectError: no folder can be there.
        ArgumentTypeError: it is no path.
    """
    given = path_of("directory", directory)
    try:
        place = Path(os.path.abspath(given))
        place.exists()
    except (OSError, ValueError) as error:  # a name too long, the working directory removed
        why = getattr(error, "strerror", None) or error
        raise ProjectError(f"no folder can be at {str(given)[:80]!r}: {why}") from error
    return place


def written_by_us(target: Path) -> Callable[[str], bool]:
    """Whether a path within a project folder is of its export, or of what was found of it since.

    Raises:
        ProjectError: something else is at `target`, or its manifest cannot be read.
    """
    manifest = target / MANIFEST
    if not manifest.is_file():
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise ProjectError(
                f"{nearby(target)} exists and is no project folder: choose another place, nothing"
                " was changed"
            )
        return FINDINGS.__contains__
    try:  # of any version
        files = json_text.read(manifest.read_bytes())["files"]
        names = {MANIFEST, *FINDINGS, *map(str, files)}
    except (OSError, Damaged, KeyError, TypeError) as error:
        raise ProjectError(
            f"{nearby(manifest)} is damaged, so that what qfx wrote cannot be told from what is"
            " yours: take out what you need and remove the folder; nothing was changed"
        ) from error
    return names.__contains__
