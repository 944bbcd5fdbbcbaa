"""The layers of a model's steps, and the names by which they read one another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from torch import nn

from qfx import nn as qnn
from qfx.frontends.torch import pointwise
from qfx.frontends.torch.formats import Formats
from qfx.frontends.torch.modules import layer_for
from qfx.frontends.torch.order import PADS
from qfx.frontends.torch.place import Place
from qfx.frontends.torch.pointwise import Pointwise
from qfx.frontends.torch.steps import (
    Concatenation,
    Flow,
    Join,
    Largest,
    Product,
    Smallest,
    Step,
    Sum,
)
from qfx.ir.names import can_name, identifier
from qfx.nn.expression import Expression

_MOVES = (
    nn.Dropout, nn.Dropout2d, nn.Identity, nn.Flatten, nn.Unflatten, nn.MaxPool1d, nn.MaxPool2d,
    nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, *PADS, nn.Upsample, qnn.Reshape, qnn.Permute,
)  # fmt: skip
_WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
_AVERAGES = (nn.AvgPool1d, nn.AvgPool2d, nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d)
_SUMS = (*_WEIGHTED, *_NORMS, *_AVERAGES, Join)
_CASTS = (
    nn.ReLU, nn.Hardtanh, nn.Sigmoid, nn.Tanh, nn.GELU, nn.SiLU,
    nn.Hardswish, nn.Hardsigmoid, nn.Softmax, Pointwise, *pointwise.MODULES,
)  # fmt: skip
_GROWING = (Sum, Product, Largest, Smallest, Concatenation)  # of operands above 0 are above 0
_NONNEGATIVE = (nn.ReLU, nn.Sigmoid, nn.Hardsigmoid, nn.Softmax)
_ON_ITS_GRID = (nn.ReLU, nn.Hardtanh)  # of an operand that has one: they do not cast


_DATA = "x"  # what a Network of one input calls it
_ANY_NETWORK = qnn.Network([("any", qnn.Identity())])


@dataclass(frozen=True)
class Entry:
    """A layer of the twin.

    Args:
        key, reads: as of the step it comes from.
        name: in the twin, after its path in the model.
    """

    key: int
    name: str
    layer: qnn.Layer
    reads: tuple[int, ...]


@dataclass(frozen=True)
class _Known:
    """What is known of a value.

    Args:
        exact: whether it is an exact sum, which its reader has to cast.
        nonnegative: whether no element is negative.
        own: whether it is on a grid that one reader alone sees.
        folds: whether it comes from a layer that a normalization behind it is folded into.
    """

    exact: bool = False
    nonnegative: bool = False
    own: bool = False
    folds: bool = False


class Layers:
    """Makes the layers of a flow.

    Args:
        flow: of the model.
        formats: their quantizers.
        fold: whether batch normalization goes into the layer before it.
        names: of the layers, those of the inputs' taken.
    """

    def __init__(self, flow: Flow, formats: Formats, fold: bool, names: Names) -> None:
        self.flow, self.formats, self.fold, self.names = flow, formats, fold, names
        self.times_read = flow.times_read
        self.entries: list[Entry] = []
        self.known: dict[int, _Known] = {}

    def made(self, signed: Sequence[bool]) -> list[Entry]:
        """Return all of them, behind inputs that have grids.

        Args:
            signed: whether each input is.
        """
        for key, each in enumerate(signed):
            self.known[key] = _Known(nonnegative=not each, own=self.times_read[key] == 1)
        for step in self.flow.steps:
            self._make(step)
        return self.entries

    def _make(self, step: Step) -> None:
        module, given = step.module, [self.known[read] for read in step.reads]
        before = given[0]
        nonnegative = all(each.nonnegative for each in given)
        if type(module) is nn.Identity and self._is_shortcut(step):
            self._cast_shortcut(step.key, step.path, step.reads[0])
            return
        folds = self._folds(step)
        after = self._next(step)
        sums = isinstance(module, _SUMS)
        kept_exact = sums and (
            isinstance(after, _CASTS) or (folds and isinstance(module, _WEIGHTED))
        )
        reads = self._operands(step) if isinstance(module, Join) else step.reads
        name = self.names.of(step.path)
        formats = self.formats.at(name)
        place = Place(step, formats, before.exact, nonnegative, kept_exact, folds)
        self.entries.append(Entry(step.key, name, layer_for(place), reads))
        formats.met(step.path, self.entries[-1].layer)
        moves = isinstance(module, _MOVES)
        casts = not moves and (before.exact or not isinstance(module, _ON_ITS_GRID))
        self.known[step.key] = _Known(
            exact=kept_exact if sums else moves and before.exact,
            nonnegative=_is_nonnegative(module, nonnegative),
            own=self.times_read[step.key] == 1 and (casts or before.own),
            folds=folds and isinstance(module, _WEIGHTED),
        )

    def _folds(self, step: Step) -> bool:
        """Whether a normalization and the weights before it are one; asked of either."""
        if isinstance(step.module, _NORMS):
            return self.known[step.reads[0]].folds
        follower = self.flow.only_reader(step.key)
        normalized = follower is not None and isinstance(follower.module, _NORMS)
        return (
            self.fold
            and isinstance(step.module, _WEIGHTED)
            and normalized
            and not _keeps_axes(step)
        )

    def _next(self, step: Step) -> nn.Module | None:
        """The next module that computes and alone does so, past what only moves values."""
        moving = (nn.Dropout, nn.Dropout2d, nn.Identity, nn.Flatten, qnn.Reshape, qnn.Permute)
        found = self.flow.only_reader(step.key)
        while found is not None and isinstance(found.module, moving):
            found = self.flow.only_reader(found.key)
        return None if found is None else found.module

    def _is_shortcut(self, step: Step) -> bool:
        """Whether this step passes a value that others read too to where tensors meet."""
        reader = self.flow.only_reader(step.key)
        joins = reader is not None and isinstance(reader.module, Join)
        return joins and not self.known[step.reads[0]].own

    def _operands(self, step: Step) -> tuple[int, ...]:
        """The keys of what a join reads: values that others read too get a grid of their own."""
        keys = {read: read for read in step.reads}
        for index, read in enumerate(step.reads):
            if keys[read] == read and not self.known[read].own:
                keys[read] = -len(self.entries) - 1  # of no step
                self._cast_shortcut(keys[read], f"{step.path}.operand{index}", read)
        return tuple(keys[read] for read in step.reads)

    def _cast_shortcut(self, key: int, path: str, read: int) -> None:
        nonnegative = self.known[read].nonnegative
        name = self.names.of(path)
        formats = self.formats.at(name)
        quantizer = formats.output(path, not nonnegative)
        formats.met(path, quantizer)
        self.entries.append(Entry(key, name, quantizer, (read,)))
        self.known[key] = _Known(nonnegative=nonnegative, own=True)


def _keeps_axes(step: Step) -> bool:
    """Whether a normalization of axis 1 behind it is not one of its outputs."""
    return isinstance(step.module, nn.Linear) and len(step.shape or (0,)) != 1


def _is_nonnegative(module: nn.Module, before: bool) -> bool:
    if isinstance(module, nn.Hardtanh):
        return module.min_val >= 0
    if isinstance(module, (*_MOVES, *_AVERAGES, *_GROWING)):
        return before
    if isinstance(module, (Pointwise, *pointwise.MODULES)):
        return Expression(str(pointwise.text_of(module))).is_nonnegative(before)
    return isinstance(module, _NONNEGATIVE)


def assembled(
    flow: Flow, grids: Sequence[qnn.Quantizer | None], entries: list[Entry], names: Names
) -> qnn.Sequential | qnn.Network:
    """Make a Sequential where each layer reads the one before, and nobody else does; else a
    Network.

    Args:
        flow: which keys the inputs and outputs have.
        grids: the quantizer of each input; None where the model brings one.
        entries: the layers behind them.
        names: that they have.
    """
    data, keys = names.data, [entry.key for entry in entries]
    chain = all(e.reads == (key,) for e, key in zip(entries, [0, *keys], strict=False))
    first = {n: grid for n, grid in enumerate(grids) if grid is not None}
    called = [*(names.inputs[n] for n in first), *(entry.name for entry in entries)]
    layers = [*first.values(), *(entry.layer for entry in entries)]
    if len(data) == 1 and chain and flow.outputs == ((keys or [0])[-1],):
        return qnn.Sequential(*layers, names=called)
    by_key = dict(enumerate(data)) | dict(zip([*first, *keys], called, strict=True))
    reads: list[tuple[str, ...]] = [(data[n],) for n in first]
    reads += [tuple(by_key[read] for read in entry.reads) for entry in entries]
    outputs = tuple(by_key[output] for output in flow.outputs)
    return qnn.Network(list(zip(called, layers, reads, strict=True)), inputs=data, outputs=outputs)


def _ports(arguments: Iterable[str]) -> list[str]:
    """What hardware can call the inputs after which arguments of forward are named."""
    names: list[str] = []
    for argument in arguments:
        name = argument if can_name(argument) else identifier(argument)
        name = f"{argument}_in" if name == f"{argument}_" else name
        count = sum(re.sub(r"_\d+$", "", each) == name for each in names)
        names.append(f"{name}_{count + 1}" if name in names else name)
    return names


class Names:
    """What the twin calls its data and its layers: each name once, and none as another is called.

    Args:
        flow: whose inputs they are.
    """

    def __init__(self, flow: Flow) -> None:
        several = len(flow.inputs) > 1
        self.data = _ports(flow.inputs) if several else [_DATA]
        self._taken = {*dir(qnn.Sequential()), *dir(_ANY_NETWORK), _DATA, *self.data}
        self._given: set[str] = set()
        self._counts: Counter[str] = Counter()
        self.inputs = [f"input_{name}" for name in self.data] if several else ["input"]

    def of(self, path: str) -> str:
        """Return the name of the next layer that comes from this path."""
        name = re.sub(r"\W", "_", path)
        stem = name = f"{name}_" if name in self._taken else name
        while name in self._given:
            self._counts[stem] += 1
            name = f"{stem}_{self._counts[stem] + 1}"
        self._given.add(name)
        return name
