"""After an error or Ctrl-C the next predict is right."""

from collections.abc import Callable

import numpy as np
import pytest
from driving import Driven, floats, opened, same
from golden_device import EVERY, GoldenDevice

from qfx.hardware import registers
from qfx.hardware.registers import Feature
from qfx.ir.several import alone
from qfx.project.folder import Project

ProjectOf = Callable[[str], Project]
CONTROL = next(r.offset for r in registers.REGISTERS if r.name == "control")


def right(at: Driven, project: Project) -> bool:
    data = floats(project, 5, seed=9)
    wanted = alone([output.to_float() for output in project.graph().run_all(*data)])
    return same(at.accelerator.predict(*data), wanted)


@pytest.mark.parametrize("features", [EVERY, EVERY & ~Feature.RESET])
def test_a_timeout_says_what_was_waited_for(features: Feature, project_of: ProjectOf) -> None:
    project = project_of("apart")
    with opened(project, GoldenDevice(project, features), timeout_s=0.02) as at:
        at.device.stuck = True
        with pytest.raises(at.driver.BoardError) as caught:
            at.accelerator.predict(*floats(project, 3))
        assert str(caught.value) == (
            "after 0.02 s, 0 of 3 frames had left and fast, slow, fast_act, slow_act not ended: the"
            " core was reset; give a longer timeout_s if its clock is slow"
        )
        at.device.stuck = False
        assert right(at, project)


def test_without_a_timeout_it_is_ten_times_the_prediction_and_more(project_of: ProjectOf) -> None:
    project = project_of("vector")
    predicted, clock = project.manifest.prediction, project.manifest.clock_mhz * 1e6
    with opened(project) as at:
        at.driver.TIMEOUT_S, at.device.stuck = 0.0, True
        with pytest.raises(at.driver.BoardError) as caught:
            at.accelerator.predict(*floats(project, 100))
        cycles = 100 * predicted.initiation_interval + predicted.latency_cycles
        assert str(caught.value).startswith(f"after {10 * cycles / clock:g} s, 0 of 100 frames")


@pytest.mark.parametrize("features", [EVERY, EVERY & ~Feature.RESET])
@pytest.mark.parametrize("calls", [1, 2, 3])
def test_ctrl_c_leaves_nothing_behind(calls: int, features: Feature, project_of: ProjectOf) -> None:
    project = project_of("apart")
    with opened(project, GoldenDevice(project, features)) as at:
        settle, left = at.device.settle, [calls]

        def interrupted(cycles: int) -> bool:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
            return settle(cycles) if left[0] < 0 else False

        at.device.settle = interrupted
        before = at.device.resets
        with pytest.raises(KeyboardInterrupt):
            at.accelerator.predict(*floats(project, 3))
        assert at.device.resets > before
        assert right(at, project)


@pytest.mark.parametrize(
    ("bits", "why"),
    [
        (0x10, "more bytes came than were asked for, or none were"),
        (0x20, "memory did not answer"),
        (0x40, "there is no memory at the buffer's address that the DMA could reach"),
    ],
)
def test_an_error_of_a_dma_is_told(bits: int, why: str, project_of: ProjectOf) -> None:
    project = project_of("apart")
    with opened(project) as at:
        engine = at.board.dmas[1].engines()[1]  # the one that receives
        settle = at.device.settle

        def failing(cycles: int) -> bool:
            if engine.busy:
                engine.stop(bits)
            return settle(cycles)

        at.device.settle = failing
        with pytest.raises(at.driver.BoardError) as caught:
            at.accelerator.predict(*floats(project, 3))
        assert str(caught.value) == f"the DMA of slow_act stopped: {why}"
        at.device.settle = settle
        assert right(at, project)


def test_an_output_that_ends_early_is_told(project_of: ProjectOf) -> None:
    project = project_of("vector")
    with opened(project) as at:
        received = at.device.received

        def short(port: int) -> np.ndarray | None:
            data = received(port)
            return None if data is None else data[:-4]

        at.device.received = short
        with pytest.raises(at.driver.BoardError) as caught:
            at.accelerator.predict(*floats(project, 3))
        assert str(caught.value) == "output layer5_cast sent 32 bytes, not 36"
        at.device.received = received
        assert right(at, project)


def test_a_core_that_stays_in_reset_is_told_and_tried_again(project_of: ProjectOf) -> None:
    project = project_of("vector")
    with opened(project) as at:
        at.device.said[CONTROL] = 1
        with pytest.raises(at.driver.BoardError) as caught:
            at.accelerator.reset()
        sentence = "the core does not come out of reset: download the overlay anew"
        assert str(caught.value) == sentence
        with pytest.raises(at.driver.BoardError, match=sentence):
            at.accelerator.predict(*floats(project, 3))
        assert at.device.packets == []
        at.device.said.clear()
        assert right(at, project)


def test_memory_is_not_given_back_while_a_dma_may_write_into_it(project_of: ProjectOf) -> None:
    project = project_of("vector")
    with opened(project) as at:
        assert right(at, project)
        at.accelerator._settled = False  # as if an error had come between
        resets = at.device.resets
        at.accelerator.close()
        assert at.device.resets == resets + 1
        assert at.board.memory.blocks == {}
