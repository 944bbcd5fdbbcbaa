"""What the driver does not take: each with one sentence, before anything is sent."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from driving import floats, opened, same
from golden_device import EVERY, GoldenDevice

from qfx.hardware import registers
from qfx.hardware.registers import Feature
from qfx.project.folder import Project
from qfx.simulation.board.memory import Memory
from qfx.simulation.board.pynq import Board, installed, load

ProjectOf = Callable[[str], Project]
AT = {register.name: register.offset for register in registers.REGISTERS}


def filled(*shape: int, value: Any = 0.5, kind: Any = np.float32) -> np.ndarray:
    return np.full(shape, value, kind)


def holding(value: float, *index: int) -> np.ndarray:
    x = np.zeros((3, 3, 4, 5))
    x[index] = value
    return x


GIVEN = {
    "one sample": (
        "image", "predict", (filled(3, 4, 5),),
        "input x takes an array of shape (samples, 3, 4, 5), not (3, 4, 5): one sample is a batch"
        " of one, x[None]",
    ),
    "channels last": (
        "image", "predict", (filled(2, 4, 5, 3),),
        "input x takes an array of shape (samples, 3, 4, 5), not (2, 4, 5, 3): one sample is a"
        " batch of one, x[None]",
    ),
    "complex numbers": (
        "vector", "predict", (filled(2, 13, kind=np.complex64),),
        "input x takes numbers, not complex64: read or encode them first",
    ),
    "parts of different shapes": (
        "vector", "predict", ([filled(13), filled(12)],),
        "input x, a list, cannot be read as an array (all input arrays must have the same shape):"
        " make an array of numbers of it first",
    ),
    "masked numbers": (
        "vector", "predict", (np.ma.masked_less(filled(2, 13), 1),),
        "input x is masked in places: fill them, as with .filled(0)",
    ),
    "no array": (
        "vector", "predict", (None,),
        "input x takes numbers, not object: read or encode them first",
    ),
    "words": (
        "vector", "predict", (filled(2, 13, value="one", kind="U3"),),
        "input x takes numbers, not <U3: read or encode them first",
    ),
    "not a number": (
        "image", "predict", (holding(np.nan, 2, 0, 3, 1),),
        "input x: nan at index (2, 0, 3, 1) has no fixed-point value: clean the data first",
    ),
    "infinity": (
        "image", "predict", (holding(-np.inf, 1, 2, 0, 0),),
        "input x: -inf at index (1, 2, 0, 0) has no fixed-point value: clean the data first",
    ),
    "what cannot wrap": (
        "image", "predict", (holding(-1e18, 1, 2, 0, 0),),
        "input x: 1e+18 is more than 63 bits above the input's lowest bit: scale the data",
    ),
    "one input of two": (
        "added", "predict", (filled(2, 7),),
        "the network has 2 inputs, not 1: give a batch for each, as predict(a, b)",
    ),
    "inputs in another order": (
        "added", "predict", (filled(2, 5), filled(2, 7)),
        "input a takes an array of shape (samples, 7), not (2, 5): one sample is a batch of one,"
        " x[None]",
    ),
    "fewer of the second input": (
        "added", "predict", (filled(3, 7), filled(2, 5)),
        "3 of a and 2 of b do not belong together: give as many samples of each input",
    ),
    "floats for integers": (
        "vector", "predict_integers", (filled(2, 13),),
        "input x takes integers, not float32: predict takes floats",
    ),
    "an integer above": (
        "vector", "predict_integers", (filled(2, 13, value=32, kind=np.int64),),
        "input x: 32 at index (0, 0) is not between -32 and 31: predict quantizes numbers,"
        " predict_integers takes those of the grid",
    ),
    "an integer below": (
        "fractions", "predict_integers", (filled(2, 5, value=-1, kind=np.int8),),
        "input x: -1 at index (0, 0) is not between 0 and 255: predict quantizes numbers,"
        " predict_integers takes those of the grid",
    ),
}  # fmt: skip


@pytest.mark.parametrize("given", GIVEN)
def test_data_that_does_not_fit(given: str, project_of: ProjectOf) -> None:
    name, method, data, sentence = GIVEN[given]
    with opened(project_of(name), memory_bytes=1) as at:
        with pytest.raises(at.driver.InputError) as caught:
            getattr(at.accelerator, method)(*data)
        assert str(caught.value) == sentence
        assert at.device.packets == []
        assert at.board.memory.blocks == {}  # not even memory was asked for


def refused(device: GoldenDevice, kind: str = "BoardError", **arguments: Any) -> str:
    """The sentence with which the driver refuses a chip."""
    with installed(Board(device.project.manifest, device)):
        driver = load(device.project)
        with pytest.raises(getattr(driver, kind)) as caught:
            driver.Accelerator("some.bit", **arguments)
    assert device.packets == []
    return str(caught.value)


def test_another_core_is_no_core(project_of: ProjectOf) -> None:
    device = GoldenDevice(project_of("vector"), said={AT["id"]: 0xDEADBEEF})
    assert refused(device) == (
        "vector_0 says it is 0xdeadbeef, not 0x51465820: some.bit holds no core of QFX"
    )


def test_another_map_of_registers(project_of: ProjectOf) -> None:
    device = GoldenDevice(project_of("vector"), said={AT["version"]: 7})
    assert refused(device) == (
        "the core's registers are of version 7, this driver reads 1: take both from one export"
    )


@pytest.mark.parametrize("word", range(registers.HASH_WORDS))
def test_the_bitstream_of_another_graph(word: int, project_of: ProjectOf) -> None:
    project = project_of("vector")
    digits = project.manifest.graph_sha256
    place = registers.GRAPH_SHA256[word].offset
    found = int(digits[8 * word : 8 * word + 8], 16) ^ 1
    device = GoldenDevice(project, said={place: found})
    chip = digits[: 8 * word] + f"{found:08x}" + digits[8 * word + 8 :]
    assert refused(device) == (
        f"the chip holds graph {chip[:12]}, this driver is for vector, graph {digits[:12]}: take"
        " driver.py and some.bit from one export"
    )


@pytest.mark.parametrize("missing", ["apart_0", "axi_dma_1"])
def test_an_overlay_without_what_is_needed(missing: str, project_of: ProjectOf) -> None:
    project = project_of("apart")
    device = GoldenDevice(project)
    board = Board(project.manifest, device)
    ip = {name: found for name, found in board.ip().items() if name != missing}
    board.ip = lambda: ip
    with installed(board):
        driver = load(project)
        with pytest.raises(driver.BoardError) as caught:
            driver.Accelerator("some.bit")
    assert str(caught.value) == (
        f"some.bit has no {missing}: build it with this folder's block_design.tcl"
    )


def test_no_counters(project_of: ProjectOf) -> None:
    project = project_of("vector")
    with opened(project, GoldenDevice(project, EVERY & ~Feature.COUNTERS)) as at:
        for method in (at.accelerator.counters, at.accelerator.clear_counters):
            with pytest.raises(at.driver.BoardError) as caught:
                method()
            assert str(caught.value) == (
                "this core has no counters: export with the Verilog core to have them"
            )


def test_a_closed_accelerator(project_of: ProjectOf) -> None:
    project = project_of("vector")
    with opened(project) as at:
        at.accelerator.close()
        at.accelerator.close()
        with pytest.raises(at.driver.BoardError) as caught:
            at.accelerator.predict(*floats(project, 2))
        assert str(caught.value) == "this accelerator is closed: open another"


def test_no_memory(project_of: ProjectOf) -> None:
    project = project_of("vector")
    (x,) = floats(project, 20)
    device = GoldenDevice(project)
    board = Board(project.manifest, device, memory=Memory(500))
    with installed(board):
        driver = load(project)
        with driver.Accelerator("some.bit") as accelerator:
            with pytest.raises(driver.BoardError) as caught:
                accelerator.predict(x)
            assert str(caught.value) == (
                "there is no contiguous memory for 20 frames (Failed to allocate Memory!): give a"
                " smaller memory_bytes, or close what else holds some"
            )
            assert board.memory.blocks == {}
        with driver.Accelerator("some.bit", memory_bytes=500) as accelerator:
            assert same(accelerator.predict(x), project.graph().run(x).to_float())
