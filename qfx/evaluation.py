"""The verb: how right a model, a graph or a design is on labelled data, by whatever computes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console

from qfx import files
from qfx.data import DataError, Ports, Score, gathered_pairs, labels_of, score
from qfx.errors import QfxError, require_names, require_whole
from qfx.fixedpoint.array import Integers
from qfx.ir import Graph
from qfx.ir.several import alone, each_of
from qfx.packages import named_packages
from qfx.project.folder import Project, ProjectError
from qfx.report.tables import table
from qfx.shown import Shown
from qfx.simulation import SIMULATORS
from qfx.simulation.parallel import Workers

_WHAT = "the data"
_AT_A_TIME = 1024  # samples, of a torch model

Floats = npt.NDArray[np.float64]


class NotEvaluatedError(KeyError, QfxError):
    """A way of computing that an Evaluation has no row of."""

    __str__ = Exception.__str__  # KeyError quotes what it was not given


@dataclass(frozen=True)
class Evaluated:
    """One way of computing.

    Args:
        label: "float", without any cast; "emulated", by the torch layers; "golden", by the integer
            graph; or a simulator's name.
        scores: of each output.
    """

    label: str
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Evaluation(Shown):
    """How right outputs are, by each way of computing them.

    Args:
        samples: so many.
        outputs: their names; one that is alone has none.
        rows: the last is what hardware will give.
    """

    shown_by = "qfx.evaluation:show_evaluation"

    samples: int
    outputs: tuple[str, ...]
    rows: tuple[Evaluated, ...]

    def __getitem__(self, label: str) -> Any:
        """The figure of a row; of several outputs a tuple."""
        found = {row.label: alone([each.value for each in row.scores]) for row in self.rows}
        if label not in found:
            raise NotEvaluatedError(f"{label!r} was not evaluated: there are {', '.join(found)}")
        return found[label]

    def to_dict(self) -> dict[str, Any]:
        """What JSON can hold of it."""
        return {"verdict": self.verdict(), **asdict(self)}

    def verdict(self) -> str:
        """One sentence, on the last row."""
        last = self.rows[-1]
        named = zip(self.outputs, last.scores, strict=True)
        said = ", ".join(f"{name}: {each}" if name else str(each) for name, each in named)
        return f"{last.label}: {said}, on {self.samples:,} samples"


def show_evaluation(result: Evaluation, console: Console | None = None) -> None:
    """A row for each way of computing, a column for each output."""
    console = console or Console()
    metrics = [each.metric for each in result.rows[0].scores]
    names = zip(result.outputs, metrics, strict=True)
    shown = table("computed by", *(f"{name} {metric}".strip() for name, metric in names), text=1)
    for row in result.rows:
        shown.add_row(row.label, *map(str, row.scores))
    console.print(shown)
    console.print(result.verdict(), highlight=False, markup=False, soft_wrap=True)


def evaluate(
    thing: Any, data: Any, *, simulators: tuple[str, ...] = (), jobs: int | None = None
) -> Evaluation:
    """How right it is: the share of samples classified as labelled, or the mean squared error.

    Args:
        thing: a qfx model, in float and emulated; a torch model, in float; a Graph or a project, by
            the golden model; or the path of a file or folder of one of them.
        data: (x, y) in any form that training takes (docs/data.md). Class numbers (samples,) are
            compared with the place of an output's greatest score, other y with its values. Of
            several outputs y is a tuple.
        simulators: of a project, besides the golden model, on these data.
        jobs: C++ programs and RTL designs that run at a time; None takes one for each CPU.

    Raises:
        DataError: the data cannot be read, or y does not fit the output.
        ProjectError: simulators of something else than a project, or one that cannot run.
        ToolMissing, ToolFailed, SimulationError: as in `qfx.cosim`.
    """
    if isinstance(thing, (str, Path)):
        path = Path(thing)
        thing = Project.open(path) if path.is_dir() else files.load(path)
    if isinstance(simulators, str):
        raise ProjectError(f"simulators is a tuple of names: write ({simulators!r},)")
    require_names("simulators", simulators)
    if jobs is not None:
        require_whole("jobs", jobs)
    if simulators and not isinstance(thing, Project):
        raise ProjectError(
            f"simulators run a project's folder, and this is a {type(thing).__name__}: export it"
            " first"
        )
    if isinstance(thing, Project):
        return _of_graph(thing.graph(), data, _simulated(thing, simulators, jobs))
    return _of_graph(thing, data) if isinstance(thing, Graph) else _of_model(thing, data)


def _of_graph(graph: Graph, data: Any, more: Any = lambda stimuli: ()) -> Evaluation:
    ports = Ports(
        tuple(entry.name for entry in graph.inputs), tuple(value.name for value in graph.outputs)
    )
    x, y = gathered_pairs(data, ports, _WHAT, tuple(entry.shape for entry in graph.inputs))
    read = graph.read(*x)
    labels = _labels(y, [value.type.shape for value in graph.outputs], len(x[0]))
    golden = tuple(output.to_float() for output in graph.run_all(*read))
    found = [("golden", golden)]
    for label, integers in more(tuple(each.integers for each in read)):
        pairs = zip(integers, graph.outputs, strict=True)
        found.append(
            (label, tuple(np.ldexp(each, -value.dtype.fraction_bits) for each, value in pairs))
        )
    names = ports.outputs if len(ports.outputs) > 1 else ("",)
    return Evaluation(len(x[0]), names, _rows(found, labels))


def _simulated(project: Project, simulators: tuple[str, ...], jobs: int | None) -> Any:
    """What runs the simulators on stimuli, and gives each one's integers under its name."""
    for name in simulators:
        if name not in SIMULATORS or not SIMULATORS[name].any_data:
            known = ", ".join(each.name for each in SIMULATORS.values() if each.any_data)
            raise ProjectError(f"simulator {name!r} cannot run other data: use {known}")
        if name != "golden" and (why := SIMULATORS[name].refusal(project)):
            raise ProjectError(f"simulator {name} cannot run: {why}")

    def run(stimuli: tuple[Integers, ...]) -> Iterator[tuple[str, tuple[Integers, ...]]]:
        for name in simulators:
            if name != "golden":
                yield name, SIMULATORS[name].run(project, alone(stimuli), Workers(jobs)).outputs

    return run


def _of_model(model: Any, data: Any) -> Evaluation:
    with named_packages():
        from torch import nn

        from qfx.nn import Layer
        from qfx.nn.bypass import bypassed
        from qfx.nn.ports import ports_of

    if not isinstance(model, nn.Module):
        raise ProjectError(
            f"{type(model).__name__} cannot be evaluated: give a model, a graph or a project"
        )
    known = isinstance(model, Layer)
    ports = ports_of(model) if isinstance(model, Layer) else Ports()
    x, y = gathered_pairs(data, ports, _WHAT)
    training, found = model.training, []
    model.eval()
    try:
        if known:
            with bypassed(model):
                found.append(("float", _forward(model, x)))
        found.append(("emulated" if known else "float", _forward(model, x)))
    finally:
        model.train(training)
    outputs = found[0][1]
    labels = _labels(y, [each.shape[1:] for each in outputs], len(x[0]))
    names = ports.outputs if len(outputs) > 1 and any(ports.outputs) else ("",) * len(outputs)
    return Evaluation(len(x[0]), names, _rows(found, labels))


def _forward(model: Any, x: tuple[Any, ...]) -> tuple[Floats, ...]:
    import torch

    parts: list[tuple[Floats, ...]] = []
    first = next(model.parameters(), torch.zeros(()))
    with torch.no_grad():
        for start in range(0, len(x[0]), _AT_A_TIME):
            given = (
                torch.from_numpy(np.ascontiguousarray(each[start : start + _AT_A_TIME]))
                for each in x
            )
            try:
                output = model(*(each.to(first.device, torch.float32) for each in given))
            except torch.OutOfMemoryError:
                raise
            except (RuntimeError, ValueError, IndexError, TypeError) as error:
                shapes = " and ".join(str(each.shape) for each in x)
                raise DataError(
                    f"x of {_WHAT}, of shape {shapes}, does not pass through the model ({error}):"
                    " compare a sample's shape with the first layer"
                ) from error
            parts.append(tuple(each.double().cpu().numpy() for each in each_of(output)))
    return tuple(np.concatenate(each) for each in zip(*parts, strict=True))


def _labels(y: tuple[Any, ...], shapes: list[tuple[int, ...]], count: int) -> list[Any]:
    if len(y) != len(shapes):
        raise DataError(f"{_WHAT} has y for {len(y)} outputs, and there are {len(shapes)}")
    return labels_of(y if len(y) > 1 else y[0], shapes, count, f"y of {_WHAT}")


def _rows(found: list[tuple[str, tuple[Floats, ...]]], labels: list[Any]) -> tuple[Evaluated, ...]:
    return tuple(
        Evaluated(label, tuple(score(o, y) for o, y in zip(outputs, labels, strict=True)))
        for label, outputs in found
    )
