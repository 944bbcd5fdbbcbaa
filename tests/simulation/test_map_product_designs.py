"""Products by constants in maps, of multipliers and of shifts and adders, in every simulator."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from together import prove

import qfx
from product_graphs import GRAPHS, LANES, from_roms, of_wires, plus_or_minus_powers, unsigned, zeros
from qfx.hardware import Map, Multipliers
from qfx.ir import Graph
from qfx.project.folder import Project

KINDS: tuple[Multipliers, ...] = ("lut", "dsp", "none")


def samples_of(graph: Graph) -> np.ndarray:
    """Every number of the input's type, on every element."""
    dtype = graph.inputs[0].cast.dtype
    every = np.resize(np.arange(dtype.min_int, dtype.max_int + 1), (200, *graph.inputs[0].shape))
    shuffled = np.random.default_rng(0).permuted(every.reshape(-1)).reshape(every.shape)
    return np.ldexp(shuffled.astype(float), -dtype.fraction_bits)


def exported(make: Callable[[str], Graph], kind: Multipliers, folder: Path) -> Project:
    graph = make(f"{make.__name__}_{kind}")
    samples = samples_of(graph)
    return qfx.export(graph, folder, board="pynq_z2", samples=samples, multipliers=kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_simulator(
    kind: Multipliers, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    projects = [exported(make, kind, tmp_path / make.__name__) for make in GRAPHS]
    prove(projects, tmp_path / "together")


@pytest.mark.parametrize("make", GRAPHS)
def test_every_step_computes_something(make: Callable[[str], Graph]) -> None:
    graph = make("net")
    for name, integers in graph.trace(samples_of(graph)).items():
        least = 1 if make is zeros and name == "multiply" else 8
        assert len(np.unique(integers)) >= least, name


def test_the_designs_have_what_they_are_for(tmp_path: Path) -> None:
    found = {make: map_of(exported(make, "none", tmp_path / "p")) for make in GRAPHS}
    beats = {make: [len(s.constants(step)) for step in s.products] for make, s in found.items()}
    assert {s.multiplier for s in found.values()} == {"shift_add"}
    assert {s.input.lanes for s in found.values()} == {LANES}
    assert beats[from_roms] == [3, 3, 1, 3, 1, 1]
    assert [max(beats[make]) for make in (unsigned, plus_or_minus_powers, zeros)] == [2, 2, 1]
    assert beats[of_wires] == [1] * 5
    assert found[of_wires].period == 2
    terms = [s.terms(step) for s in found.values() for step in s.products]
    fields = {(t.shift_bits > 0, t.has_signs, t.has_gaps) for t in terms if len(t.shifts) > 1}
    assert fields >= {
        *((True, True, False), (True, True, True), (False, True, False), (False, False, True)),
    }
    assert {t.count for t in terms} >= {1, 2, 6}


def map_of(project: Project) -> Map:
    (stage,) = (stage for stage in project.stages() if isinstance(stage, Map))
    return stage
