"""Layers that read one another: any graph without cycles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from torch import Tensor

from qfx.errors import ArgumentError, ArgumentTypeError
from qfx.ir import GraphBuilder, Value
from qfx.ir.names import require_identifier
from qfx.ir.several import alone
from qfx.nn.layer import Layer
from qfx.nn.origin import Origin
from qfx.nn.sequential import advice, checked_names, require_unshared

T = TypeVar("T")
Node = tuple[str, Layer] | tuple[str, Layer, "str | Sequence[str]"]


class Network(Layer):
    """Runs its layers in order, each on the results it names.

    Args:
        nodes: (name, layer, what it reads) of each, in an order in which each reads only inputs and
            layers before it; without the third, it reads the one before. Names are those of the
            submodules. Layers that take several tensors, such as Add, name them in a tuple.
        inputs: the name by which layers read what the network is given; of several tensors, a
            tuple of names, after which hardware calls its ports.
        outputs: the layer whose result it gives; None for the last. With a tuple of layers it gives
            a tuple of their results.

    Shapes:
        whatever the layers take and give.

    Raises:
        ArgumentTypeError: one of them is not a qfx layer.
        ArgumentError: one of several inputs called as hardware cannot be; a name that nothing
            before has, a layer read by nobody, something that learns in two places, a network of
            several outputs among the layers.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        inputs: str | Sequence[str] = "x",
        outputs: str | Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self.origin: Origin | None = None  # of what `qfx.convert` made
        entries = [_entry(node, index) for index, node in enumerate(nodes)]
        self.reads: dict[str, tuple[str, ...]] = {}  # of each layer, in order
        self.inputs = _ports(_names("inputs", inputs))
        last = entries[-1][0] if entries else self.inputs[0]
        self.outputs = _names("outputs", last if outputs is None else outputs)
        checked_names([name for name, _, _ in entries], self)
        before = self.inputs
        for name, layer, reads in entries:
            self._require(name, layer, before if reads is None else reads)
            self.add_module(name, layer)
            self.reads[name] = before if reads is None else reads
            before = (name,)
        self._require_read()
        require_unshared(self)
        self._meet()

    def _require(self, name: str, layer: Layer, reads: tuple[str, ...]) -> None:
        """Raises ArgumentError for a layer that cannot stand behind those so far."""
        known = (*self.inputs, *self.reads)
        if name in known:
            raise ArgumentError(
                f"{name!r} names two things: give each input and layer its own name"
            )
        if not isinstance(layer, Layer):
            raise ArgumentTypeError(f"layer {name} is {advice(layer)}")
        for read in reads:
            if read not in known:
                raise ArgumentError(
                    f"{name} reads {read!r}, which is no input and no layer before it: there are"
                    f" {', '.join(known)}"
                )
        _require_fits(name, layer, reads)

    def _require_read(self) -> None:
        """Raises ArgumentError where something is computed, or given, for nobody."""
        for name in self.outputs:
            if name not in self.reads:
                raise ArgumentError(f"outputs names {name!r}, which is no layer of the network")
        times = self._times_read()
        for name in (*self.inputs, *self.reads):
            if not times[name]:
                raise ArgumentError(f"nothing reads {name}: leave it out, or name it in outputs")

    def readers(self, name: str) -> list[str]:
        """Return the layers that read an input or a layer."""
        return [reader for reader, reads in self.reads.items() if name in reads]

    def _times_read(self) -> Counter[str]:
        """How often each result is read; the outputs are read outside."""
        inside = (read for reads in self.reads.values() for read in reads)
        return Counter([*self.outputs, *inside])

    def _meet(self) -> None:
        """Introduce the layers to those that they alone read, and that alone read them."""
        times = self._times_read()
        alone = {
            reads[0]: name
            for name, reads in self.reads.items()
            if len(reads) == 1 and times[reads[0]] == 1
        }
        before = {name: read for read, name in alone.items()}
        layers = dict(self._modules)
        for name, layer in layers.items():
            assert isinstance(layer, Layer)
            found = (layers.get(before.get(name, "")), layers.get(alone.get(name, "")))
            layer.meet(*(each if isinstance(each, Layer) else None for each in found))

    @property
    def input_count(self) -> int:
        return len(self.inputs)

    @property
    def output_count(self) -> int:
        return len(self.outputs)

    def forward(self, *x: Tensor) -> Any:
        if len(x) != len(self.inputs):
            raise ArgumentError(
                f"the network takes {len(self.inputs)} tensors ({', '.join(self.inputs)}), not"
                f" {len(x)}"
            )
        if self.origin is not None:
            self.origin.require_equal([tuple(each.shape[1:]) for each in x], x)
        return alone(self._walk(x, lambda _, layer, given: layer(*given)))

    def lower(self, builder: GraphBuilder, *values: Value) -> Any:
        if self.origin is not None:
            self.origin.require_equal([value.type.shape for value in values])

        def lower(name: str, layer: Layer, given: list[Value]) -> Value:
            with builder.scope(name):
                result: Value = layer.lower(builder, *given)
                return result

        return alone(self._walk(values, lower))

    def _walk(self, given: Sequence[T], run: Callable[[str, Any, list[T]], T]) -> list[T]:
        """What the outputs are when `run` makes each layer's result of what it reads."""
        results = dict(zip(self.inputs, given, strict=True))
        left = self._times_read()
        for name, reads in self.reads.items():
            operands = [results[read] for read in reads]
            for read in reads:
                left[read] -= 1
                if not left[read]:
                    del results[read]  # evaluation holds no more than what is still to be read
            results[name] = run(name, self.get_submodule(name), operands)
        return [results[name] for name in self.outputs]

    def config(self) -> dict[str, Any]:
        nodes = [[name, self.get_submodule(name), reads] for name, reads in self.reads.items()]
        return {"nodes": nodes, "inputs": list(self.inputs), "outputs": list(self.outputs)}

    def extra_repr(self) -> str:
        before, lines = self.inputs, []
        for name, reads in self.reads.items():
            if reads != before:
                lines.append(f"{name} reads {', '.join(reads)}")
            before = (name,)
        return "\n".join(lines)


def _names(what: str, given: Any) -> tuple[str, ...]:
    """A name, or different ones in a tuple; raises ArgumentError for anything else."""
    names = (given,) if isinstance(given, str) else given
    if not isinstance(names, (tuple, list)) or not all(isinstance(name, str) for name in names):
        raise ArgumentError(f"{what} must be a name or a tuple of names, not {given!r}")
    if not names or len({*names}) != len(names):
        raise ArgumentError(f"{what} must be a name, or several that differ, not {given!r}")
    return tuple(names)


def _ports(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of inputs, after which hardware calls its ports where it has several.

    Raises:
        ArgumentError: it cannot.
    """
    for name in names if len(names) > 1 else ():
        try:
            require_identifier(name)
        except ValueError as error:
            raise ArgumentError(f"input {error}") from None
    return names


def _require_fits(name: str, layer: Layer, reads: tuple[str, ...]) -> None:
    """Raises ArgumentError for a layer that takes another number of tensors, or gives several."""
    kind, count = type(layer).__name__, layer.input_count
    if layer.output_count > 1:
        raise ArgumentError(
            f"{name}, a {kind}, gives {layer.output_count} tensors, of which others could not read"
            " one: list its layers in this Network instead"
        )
    if layer.joins or len(reads) == count:
        return
    if count == 1:
        raise ArgumentError(
            f"{name}, a {kind}, reads one tensor, not {len(reads)}: join them with Add, Multiply or"
            " Concat first"
        )
    raise ArgumentError(f"{name}, a {kind}, reads {count} tensors, not {len(reads)}: name as many")


def _entry(node: Any, index: int) -> tuple[str, Any, tuple[str, ...] | None]:
    """Name, layer and what it reads; raises ArgumentError for what is no such entry."""
    if not isinstance(node, (tuple, list)) or len(node) not in (2, 3):
        raise ArgumentError(
            f"node {index} must be a name, a layer and what it reads, as"
            f' ("sum", nn.Add(), ("conv", "shortcut")), not {type(node).__name__}'
        )
    name, layer, *rest = node
    if not rest:
        return name, layer, None
    reads = (rest[0],) if isinstance(rest[0], str) else rest[0]
    if not isinstance(reads, (tuple, list)) or not reads:
        raise ArgumentError(f"{name} must read a name or a tuple of names, not {rest[0]!r}")
    return name, layer, tuple(reads)
