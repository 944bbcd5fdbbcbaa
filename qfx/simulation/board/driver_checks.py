"""What recorded vectors cannot show of a driver: how it quantizes numbers, what it refuses, and
whether its counters say what has happened.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow
from qfx.hardware import registers
from qfx.hardware.registers import Register
from qfx.ir import Graph, Input
from qfx.ir.several import each_of
from qfx.project import Project
from qfx.simulation.board.device import Device
from qfx.simulation.board.pynq import FILE
from qfx.simulation.outcome import SimulationError

_ELEMENTS, _FEWEST, _MOST = 4096, 3, 24  # numbers given to predict, in so many samples
_FAR = 1e30  # beyond every range
_WIDE = 1 << 61  # of integers drawn
_STEPS = 2000  # cycles in which a frame enters
_KINDS: tuple[npt.DTypeLike, ...] = (np.float64, np.float32, np.int64, np.int8, np.uint8)


def check(project: Project, device: Device, module: ModuleType, accelerator: Any) -> None:
    """Drive an accelerator with numbers that round and overflow, and compare its counters with what
    the testbench counted.

    Args:
        project: whose driver it is.
        device: the simulated IP.
        module: the driver.
        accelerator: of it, opened on the device, nothing under way.

    Raises:
        SimulationError: the first that is wrong, named.
    """
    graph = project.graph()
    _check_names(graph, module)
    for port, entry in zip(module.INPUTS, graph.inputs, strict=True):
        _check_quantizing(port, entry)
    for port, value in zip(module.OUTPUTS, graph.outputs, strict=True):
        _check_values(port, value.dtype)
    _check_refusals(graph, module, device, accelerator)
    _check_predict(graph, accelerator)
    _check_counters(graph, module, device, accelerator)
    accelerator.clear_counters()
    if device.counted("in", 0)["frames"]:
        raise _wrong("clear_counters clears nothing")
    _check_counters(graph, module, device, accelerator)
    _check_busy(project, device, accelerator)


def numbers(entry: Input, count: int, seed: int = 0) -> npt.NDArray[np.float64]:
    """(count, *shape) floats: on the grid, in the middle between two of it, just beside that, and
    beyond both ends; where the input saturates, far beyond them too.
    """
    generator, dtype = np.random.default_rng(seed), entry.cast.dtype
    shape = (count, *entry.shape)
    low, high = max(2 * dtype.min_int - 2, -_WIDE), min(2 * dtype.max_int + 2, _WIDE)
    x = generator.integers(low, high, shape, endpoint=True)
    beside = generator.choice([0.0, 0.5, 0.25, 0.75, 0.4999, 0.5001], shape)
    found: npt.NDArray[np.float64] = np.ldexp(x + beside, -dtype.fraction_bits)
    if entry.cast.overflow is not Overflow.WRAP:
        far = generator.choice([-_FAR, _FAR], shape)
        found = np.where(generator.random(shape) < 0.05, far, found)
    return found


def _check_names(graph: Graph, module: ModuleType) -> None:
    """Ports stand in the graph's order, which is that of the DMAs."""
    for side, ports, values in (
        ("INPUTS", module.INPUTS, [entry.value for entry in graph.inputs]),
        ("OUTPUTS", module.OUTPUTS, graph.outputs),
    ):
        found = [(port.name, tuple(port.shape)) for port in ports]
        wanted = [(value.name, tuple(value.type.shape)) for value in values]
        if found != wanted:
            raise _wrong(f"{side} are {found}, not {wanted}")


def _check_quantizing(port: Any, entry: Input) -> None:
    """As the golden model quantizes, all kinds of arrays."""
    single = Input(entry.name, (64,), entry.cast)
    for kind in _KINDS:
        x = numbers(single, 64)
        if np.dtype(kind).kind in "iu":
            ends = np.iinfo(kind)
            x = np.clip(x, max(ends.min, -_WIDE), min(ends.max, _WIDE)).round()
        x = x.astype(kind)
        wanted = single.read(x).integers
        found = np.asarray(port.quantized(x), np.int64)
        wrong = np.argwhere(found != wanted)
        if len(wrong):
            at = tuple(wrong[0])
            raise _wrong(f"input {entry.name} quantizes {x[at]!r} to {found[at]}, not {wanted[at]}")


def _check_values(port: Any, dtype: FixedPointType) -> None:
    """What an output's integers mean."""
    ends = np.array([dtype.min_int, -1 if dtype.signed else 1, 0, dtype.max_int])
    found, wanted = port.values(ends), FixedPointArray(ends, dtype).to_float()
    if not np.array_equal(found, wanted):
        raise _wrong(f"output {port.name} says {found.tolist()} of {ends.tolist()}, not {wanted}")


def _check_refusals(graph: Graph, module: ModuleType, device: Device, accelerator: Any) -> None:
    """What has no fixed-point value, or no place on the grid, is refused, and nothing is sent."""
    before = device.counted("in", 0)["frames"]
    for index, entry in enumerate(graph.inputs):
        zeros = [np.zeros((2, *each.shape)) for each in graph.inputs]
        for wrong in (np.nan, np.inf, -np.inf):
            zeros[index][1].flat[-1] = wrong
            _expect_refusal(module, accelerator.predict, zeros, f"{entry.name} of {wrong}")
        for wrong in (entry.cast.dtype.min_int - 1, entry.cast.dtype.max_int + 1):
            whole = [np.zeros((2, *each.shape), np.int64) for each in graph.inputs]
            whole[index][1].flat[-1] = wrong
            _expect_refusal(
                module, accelerator.predict_integers, whole, f"{entry.name} of the integer {wrong}"
            )
    if device.counted("in", 0)["frames"] != before:
        raise _wrong("it sends what it refuses")


def _expect_refusal(module: ModuleType, predict: Any, given: list[Any], what: str) -> None:
    try:
        predict(*given)
    except module.InputError:
        return
    raise _wrong(f"takes an input {what}")


def _check_predict(graph: Graph, accelerator: Any) -> None:
    largest = max(int(np.prod(entry.shape)) for entry in graph.inputs)
    count = int(np.clip(_ELEMENTS // largest, _FEWEST, _MOST))
    data = [numbers(entry, count, 1 + n) for n, entry in enumerate(graph.inputs)]
    found = each_of(accelerator.predict(*data))
    for value, given, golden in zip(graph.outputs, found, graph.run_all(*data), strict=True):
        wanted = golden.to_float()
        wrong = np.argwhere(given != wanted) if given.shape == wanted.shape else [()]
        if len(wrong):
            at = tuple(int(i) for i in wrong[0])
            raise _wrong(
                f"predict gives {given[at]} for output {value.name}, sample {at[:1]}, index"
                f" {at[1:]}, where the golden model gives {wanted[at]}"
            )


def _check_counters(graph: Graph, module: ModuleType, device: Device, accelerator: Any) -> None:
    """Each stands between what the testbench had counted before they were read, and after."""
    sides = (("in", "inputs", len(graph.inputs)), ("out", "outputs", len(graph.outputs)))
    ends = [(side, kind, n) for side, kind, count in sides for n in range(count)]
    least = {at: device.counted(at[0], at[2]) for at in ends}
    found = accelerator.counters()
    most = {at: device.counted(at[0], at[2]) for at in ends}
    first = least["out", "outputs", 0]["frames"]
    if found["frames"] != first % 2**32 or found["busy"]:
        raise _wrong(f"counters say {found['frames']} frames, busy {found['busy']}, not {first}")
    ports = {"inputs": module.INPUTS, "outputs": module.OUTPUTS}
    for at in ends:
        _, kind, number = at
        said = found[kind][ports[kind][number].name]
        for counter in map(_name, registers.PORT_COUNTERS):
            low, high = least[at][counter], most[at][counter]
            if counter not in said or (said[counter] - low) % 2**32 > high - low:
                raise _wrong(
                    f"counter {counter} of {kind} {number} says {said.get(counter)}, where"
                    f" {low:,} to {high:,} were counted"
                )


def _name(register: Register) -> str:
    return register.name


def _check_busy(project: Project, device: Device, accelerator: Any) -> None:
    """While a frame is inside that nobody fetches; and no longer after a reset."""
    for number, (record, integers) in enumerate(
        zip(project.manifest.inputs, project.batches("stimuli"), strict=True)
    ):
        words = np.ascontiguousarray(record.port().pack(integers[:1]))
        device.send(number, words.view(np.uint8).reshape(-1))
    device.step(_STEPS)
    found, left = accelerator.counters(), device.counted("out", 0)["frames"]
    if not found["busy"]:
        raise _wrong("counters say that nothing is inside the core, where a frame is")
    if found["frames"] != left % 2**32:
        raise _wrong(f"counters say that {found['frames']} frames left, not {left}")
    accelerator.reset()
    if accelerator.counters()["busy"]:
        raise _wrong("counters say that something is inside the core after a reset")


def _wrong(what: str) -> SimulationError:
    return SimulationError(f"{FILE}: {what}")
