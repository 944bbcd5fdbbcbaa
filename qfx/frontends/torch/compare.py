"""A twin beside its float model: both must give the same in float."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, fx, nn

from qfx import nn as qnn
from qfx.foreign import ConvertError
from qfx.frontends.torch.arguments import Arguments
from qfx.frontends.torch.plain import FAILURES, evaluated
from qfx.frontends.torch.steps import Flow
from qfx.frontends.torch.trace import arguments_of, followed, rooted
from qfx.frontends.torch.tracer import Traced, restored
from qfx.ir.several import each_of
from qfx.nn.bypass import bypassed
from qfx.nn.grids import FixedGrid
from qfx.nn.precision import float32_by_default
from qfx.ops import Shape

Twin = qnn.Sequential | qnn.Network

_TOLERANCE = 1e-3  # of the largest output: float32 sums in another order
_GIVEN = 16  # samples of those given are enough, beside random ones
_LEAST = 1e-6  # what float32 may leave of a sum that is 0
_FAILURES = (*FAILURES, NotImplementedError)


class Later:
    """The comparison of a twin whose shapes are not known yet, with the model as it is now.

    The twin may be trained until then, so that it is made again.

    Args:
        model: of which a copy is kept, as far as it can be copied.
        make: what made the twin, and makes another.
    """

    def __init__(self, model: nn.Module, make: Callable[[nn.Module], tuple[Twin, Flow]]) -> None:
        try:
            self.model = copy.deepcopy(model)
        except (RuntimeError, TypeError, AttributeError):  # as of what is open, locked or computed
            self.model = model
        self.make = make

    @float32_by_default()
    def __call__(self, shapes: Sequence[Shape], samples: Sequence[Tensor]) -> bool:
        """Whether both could be compared; data that do not fit are left to the twin to refuse.

        Raises:
            ConvertError: they differ.
        """
        with torch.random.fork_rng(devices=[]):
            twin, flow = self.make(self.model)
            both = Pair(self.model, twin, flow)
            if not both.runs(shapes):
                return False
            both.require_equal(shapes, [x.detach().cpu()[:_GIVEN] for x in samples])
        return True


class Pair:
    """A model and its twin.

    Args:
        model: in which mode it is does not matter, nor for the twin.
        twin: with the parameters of the model.
        flow: the model's.
    """

    def __init__(self, model: nn.Module, twin: Twin, flow: Flow) -> None:
        self.model, self.twin, self.flow = model, twin, flow
        self.arguments: Arguments = arguments_of(model, ((),) * len(flow.inputs))

    @property
    def name(self) -> str:
        return type(self.model).__name__

    def runs(self, shapes: Sequence[Shape]) -> bool:
        """Tell whether the twin runs on samples of these shapes."""
        try:
            self._of_twin(self._random(shapes))
        except _FAILURES:
            return False
        return True

    def require_equal(self, shapes: Sequence[Shape], samples: Sequence[Tensor] = ()) -> None:
        """Compare both on random samples, and on those given as far as the model takes them.

        Raises:
            ConvertError: they differ, or do not run.
        """
        x = self._random(shapes)
        try:
            self._require(x)
        except _FAILURES as error:
            if isinstance(error, ConvertError):
                raise
            raise ConvertError(
                f"the twin of {self.name} does not run on samples of shape"
                f" {' and '.join(map(str, shapes))}: {error}"
            ) from error
        if samples and all(each.isfinite().all() for each in samples):
            try:
                self._require([each.float() for each in samples])
            except _FAILURES as error:
                if isinstance(error, ConvertError):
                    raise  # else no data for this model: whoever gave them is told by the twin

    def _random(self, shapes: Sequence[Shape]) -> list[Tensor]:
        generator = torch.Generator().manual_seed(0)
        return [_samples(self._grid_of(n), each, generator) for n, each in enumerate(shapes)]

    def _of_model(self, x: list[Tensor]) -> tuple[Any, ...]:
        """Its outputs; a forward may set attributes, which are as before then."""
        with _in_float(self.model), restored(self.model):
            first, again = (
                _each(self.arguments.call(self.model, self._as_the_model_takes_them(x)))
                for _ in range(2)
            )
        if not _all_same(first, again):
            raise ConvertError(
                f"{self.name} gives other numbers each time it is called with the same: a twin is"
                " of a model whose outputs depend on its inputs alone"
            )
        return first

    def _of_twin(self, x: list[Tensor]) -> tuple[Any, ...]:
        with _in_float(self.twin):
            return each_of(self.twin(*x))

    def _require(self, x: list[Tensor]) -> None:
        wanted, found = self._of_model(x), self._of_twin(x)
        if _all_same(found, wanted):
            return
        traced = followed(self.model, self.arguments, self.flow.named)
        if not self._goes_the_same_way(traced, x, wanted):
            raise ConvertError(self._other_way(traced, x))
        if self._are_same_in_double(traced, x):
            return
        ours, theirs = next(p for p in zip(found, wanted, strict=True) if not _same(*p))
        if self.flow.named.texts:
            raise ConvertError(
                f"the twin of {self.name} computes something else in float: what functions says of"
                f" {self.flow.named} is not what the model computes"
            )
        raise ConvertError(
            f"the twin of {self.name} computes something else in float: please report it with the"
            f" model (shapes {tuple(ours.shape)} and {tuple(theirs.shape)})"
        )

    def _goes_the_same_way(self, traced: Traced, x: list[Tensor], wanted: tuple[Any, ...]) -> bool:
        """Whether torch.fx goes through the model's forward as tensors do."""
        try:
            with _in_float(traced):
                found = fx.Interpreter(traced).run(*self._as_the_model_takes_them(x))
        except _FAILURES:
            return False
        return _all_same(_each(found), wanted)

    def _are_same_in_double(self, traced: Traced, x: list[Tensor]) -> bool:
        """Whether rounding alone made the difference, as where large numbers cancel."""
        x = [each.double() for each in x]
        try:
            traced, twin = copy.deepcopy(traced).double(), copy.deepcopy(self.twin).double()
            with _in_float(traced), _in_float(twin):
                wanted = fx.Interpreter(traced).run(*self._as_the_model_takes_them(x))
                return _all_same(each_of(twin(*x)), _each(wanted))
        except _FAILURES:
            return False

    def _other_way(self, traced: Traced, x: list[Tensor]) -> str:
        """The sentence for a forward that does not go the way in which torch.fx saw it."""
        ran, seen = self._modules_run(x), _modules_of(traced)
        differs = [f"runs {', '.join(sorted(ran - seen))}"] if ran - seen else []
        differs += [f"does not run {', '.join(sorted(seen - ran))}"] if seen - ran else []
        inputs, constants = ", ".join(self.arguments.inputs), self.arguments.constants
        kept = f" ({self.arguments.listed()})" if constants else ""
        return (
            f"{self.name}.forward goes another way for tensors than for torch.fx, by which convert"
            f" follows it: net({inputs}){kept} {' and '.join(differs) or 'gives other numbers'}:"
            f" its way must not depend on the type of {inputs} (x.dtype, type(x), try), nor on"
            " anything that changes from call to call"
        )

    def _modules_run(self, x: list[Tensor]) -> set[str]:
        """The paths of the modules that the model runs."""
        ran = set[str]()
        hooks = [
            module.register_forward_pre_hook(lambda *_, path=path: ran.add(path))
            for path, module in rooted(self.model).named_modules()
            if path
        ]
        try:
            self._of_model(x)
        finally:
            for hook in hooks:
                hook.remove()
        return {path for path in ran if not any(each.startswith(f"{path}.") for each in ran)}

    def _grid_of(self, place: int) -> qnn.Quantizer:
        """The quantizer of an input."""
        twin = self.twin
        name = twin.readers(twin.inputs[place])[0] if isinstance(twin, qnn.Network) else ""
        first = twin.get_submodule(name) if name else next(twin.children())
        assert isinstance(first, qnn.Quantizer)
        return first

    def _as_the_model_takes_them(self, x: list[Tensor]) -> list[Tensor]:
        """Whole numbers before an embedding, and copies elsewhere: it may work in place."""
        readers = [self.flow.first_reader(key) for key in range(len(x))]
        embeds = [r is not None and isinstance(r.module, nn.Embedding) for r in readers]
        return [each.long() if e else each.clone() for each, e in zip(x, embeds, strict=True)]


def _samples(grid: qnn.Quantizer, shape: Shape, generator: torch.Generator) -> Tensor:
    x = torch.randn(4, *shape, generator=generator)
    if isinstance(grid, FixedGrid):  # its own numbers, which pass unchanged in float too
        x = torch.rand(x.shape, generator=generator).mul(grid.dtype.max_int + 1).floor()
        x = grid(x * 2.0**-grid.dtype.fraction_bits)
    return x


@contextmanager
def _in_float(module: nn.Module) -> Iterator[None]:
    with evaluated(module), bypassed(module), torch.no_grad():
        yield


def _each(given: Any) -> tuple[Any, ...]:
    return tuple(given) if isinstance(given, (tuple, list)) else (given,)


def _all_same(found: Sequence[Any], wanted: Sequence[Any]) -> bool:
    return len(found) == len(wanted) and all(map(_same, found, wanted))


def _same(found: Any, wanted: Any) -> bool:
    both = isinstance(found, Tensor) and isinstance(wanted, Tensor)
    if not both or found.shape != wanted.shape:
        return False
    finite = wanted[wanted.isfinite()].abs()
    allowed = _TOLERANCE * (float(finite.max()) if len(finite) else 0.0) + _LEAST
    return torch.allclose(found.to(wanted.dtype), wanted, rtol=0, atol=allowed, equal_nan=True)


def _modules_of(traced: fx.GraphModule) -> set[str]:
    return {str(node.target) for node in traced.graph.nodes if node.op == "call_module"}
