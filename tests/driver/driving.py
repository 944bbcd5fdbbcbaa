"""The driver of a project, opened on a board of the stand-in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from golden_device import GoldenDevice

from qfx.ir.several import each_of
from qfx.project.folder import Project
from qfx.simulation.board.pynq import Board, installed, load


@dataclass
class Driven:
    """What a test has in hands.

    Args:
        driver: the folder's module.
        accelerator: of it, opened.
        device: that computes.
        board: between them.
    """

    driver: ModuleType
    accelerator: Any
    device: GoldenDevice
    board: Board


@contextmanager
def opened(project: Project, device: GoldenDevice | None = None, **arguments: Any) -> Iterator[Any]:
    """The driver's Accelerator, given `arguments`, on a device."""
    device = device or GoldenDevice(project)
    board = Board(project.manifest, device)
    with installed(board):
        driver = load(project)
        with driver.Accelerator(f"{project.manifest.name}.bit", **arguments) as accelerator:
            yield Driven(driver, accelerator, device, board)


def floats(project: Project, count: int, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Numbers for each input: on the grid, in the middle between two, and beyond its range."""
    generator, found = np.random.default_rng(seed), []
    for entry in project.graph().inputs:
        dtype = entry.cast.dtype
        low, high = 2.0 * dtype.min_int - 1, 2.0 * dtype.max_int + 1
        x = generator.uniform(low, high, (count, *entry.shape))
        halves = generator.random(x.shape) < 0.5
        found.append(np.ldexp(np.where(halves, np.round(2 * x) / 2, x), -dtype.fraction_bits))
    return tuple(found)


def same(given: Any, wanted: Any) -> bool:
    """Whether arrays, of one output or of each, are equal."""
    pairs = list(zip(each_of(given), each_of(wanted), strict=True))
    return all(np.array_equal(g, w) and g.shape == w.shape for g, w in pairs)
