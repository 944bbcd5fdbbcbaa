"""Orders of streams as nested loops: they count through what they were made of."""

from collections.abc import Callable, Iterator
from itertools import permutations
from types import ModuleType

import numpy as np
import pytest
from golden_device import GoldenDevice

from qfx.backends.pynq.driver import loops
from qfx.project.folder import Project
from qfx.simulation.board.pynq import Board, installed, load


@pytest.fixture(scope="module")
def driver(project_of: Callable[[str], Project]) -> Iterator[ModuleType]:
    project = project_of("vector")
    with installed(Board(project.manifest, GoldenDevice(project))):
        yield load(project)


@pytest.mark.parametrize("axes", permutations(range(4)))
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (1, 3, 1, 4), (2, 2, 2, 2), (1, 1, 1, 1)])
def test_transposes_are_loops(shape: tuple, axes: tuple, driver: ModuleType) -> None:
    order = np.arange(np.prod(shape)).reshape(shape).transpose(axes).reshape(-1)
    found = loops(order)
    assert found is not None
    assert len(found) <= 4
    port = driver.Port("x", shape, 8, 0, True, "<i1", 128, order=found)
    assert port.index.tolist() == order.tolist()


@pytest.mark.parametrize(
    "order", [[0, 1, 3, 2], [1, 0], [0, 2, 4, 1, 3], [0, 1, 2, 4, 3, 5], [0, 2, 1, 3, 4, 6, 7, 5]]
)
def test_what_is_no_loops_is_not_made_one(order: list[int]) -> None:
    assert loops(np.array(order)) is None


def test_random_orders_are_loops_only_where_they_count_through_them(driver: ModuleType) -> None:
    generator, some = np.random.default_rng(5), 0
    for _ in range(3000):
        order = generator.permutation(int(generator.integers(1, 7)))
        found = loops(order)
        if found is not None:
            some += 1
            port = driver.Port("x", order.shape, 8, 0, True, "<i1", 8, order=found)
            assert port.index.tolist() == order.tolist()
    assert some > 100
