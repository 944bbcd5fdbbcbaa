"""A deadlock is named: which streams wait for which, through stages of several inputs."""

from dataclasses import replace

import pytest

from qfx.fixedpoint import FixedPointType
from qfx.hardware import Fifo, Fork, Merge, Pool, Stage
from qfx.hardware.stream import Stream
from qfx.simulation.rtl.deadlock import Handshake, find

MOVES, IDLE = Handshake(True, True), Handshake(False, False)
EMPTY, FULL = Handshake(False, True), Handshake(True, False)


def _stream(name: str) -> Stream:
    return Stream(name, FixedPointType(8, 0, True), 16, 1)


PORT, LONG, LONG_END, SHORT, SHORT_END, SUM, OUT = map(
    _stream, ("s_axis", "fork_out", "pool_out", "fork_out2", "short_fifo_out", "sum_out", "m_axis")
)
BRANCHES = (
    Fork("fork", "", PORT, LONG, SHORT),
    Pool("pool", "", LONG, LONG_END, 4),
    Fifo("short_fifo", "", SHORT, SHORT_END, 1200),
    Merge("sum", "", LONG_END, SUM, SHORT_END, "add", None),
    Fifo("output_fifo", "", SUM, OUT, 2),
)
SHORT_IS_FULL = {
    "s_axis": FULL,
    "fork_out": EMPTY,
    "pool_out": EMPTY,
    "fork_out2": FULL,
    "short_fifo_out": FULL,
    "sum_out": EMPTY,
    "m_axis": EMPTY,
}


def test_a_circle_is_told_from_where_a_beat_lacks() -> None:
    found = find(BRANCHES, SHORT_IS_FULL)
    assert found is not None
    assert found.stage.name == "sum"
    assert str(found) == (
        "sum waits for fork, as pool_out, fork_out are empty;"
        " fork waits for sum, as fork_out2, short_fifo_out are full"
        " (short_fifo holds 1,200 beats)"
    )


def test_a_circle_is_found_beside_a_way_that_ends() -> None:
    """Both inputs of a sum are empty, and only the second one's way leads into a circle."""
    extra = _stream("extra"), _stream("extra_end")
    stages = (
        Pool("dry", "", extra[0], extra[1], 4),
        *BRANCHES[:-1],
        Merge("last", "", extra[1], OUT, SUM, "add", None),
    )
    dry = {"extra": EMPTY, "extra_end": EMPTY}
    assert str(find(stages, SHORT_IS_FULL | dry)) == str(find(BRANCHES, SHORT_IS_FULL))


def test_circles_in_a_row_are_told_by_the_first() -> None:
    second = tuple(
        replace(stage, **{
            field: replace(value, name=f"b_{value.name}")
            for field, value in vars(stage).items()
            if isinstance(value, Stream)
        })
        for stage in BRANCHES
    )  # fmt: skip
    second = tuple(replace(stage, name=f"b_{stage.name}") for stage in second)
    joined = (*BRANCHES[:-1], replace(BRANCHES[-1], output=second[0].input), *second)
    states = SHORT_IS_FULL | {f"b_{stream}": EMPTY for stream in SHORT_IS_FULL}
    del states["m_axis"]
    assert str(find(joined, states)) == str(find(BRANCHES, SHORT_IS_FULL))


@pytest.mark.parametrize(("inside", "stage"), [(EMPTY, "pool"), (FULL, "sum")])
def test_a_stage_that_takes_nothing_is_told(inside: Handshake, stage: str) -> None:
    deaf = SHORT_IS_FULL | {"fork_out": FULL, "pool_out": inside}
    found = find(BRANCHES, deaf)
    assert found is not None
    assert (found.stage.name, found.circle) == (stage, False)
    assert str(found) == (
        f"output_fifo waits for {stage}, which stands still: it takes nothing and sends nothing"
        " while its input waits"
    )


def test_an_empty_port_means_lost_beats() -> None:
    found = find(BRANCHES, dict.fromkeys(SHORT_IS_FULL, EMPTY))
    assert str(found) == (
        "fork waits for s_axis, where nothing more comes: beats were lost, or are counted wrongly"
    )


def test_an_output_that_offers_a_beat_is_no_deadlock() -> None:
    assert find(BRANCHES, SHORT_IS_FULL | {"m_axis": FULL}) is None


def test_what_would_be_taken_is_waited_for_first() -> None:
    """A concatenation that takes from its second stream does not wait for its first."""
    stages: tuple[Stage, ...] = (*BRANCHES[:3], replace(BRANCHES[3], name="both"), BRANCHES[4])
    states = SHORT_IS_FULL | {"fork_out2": EMPTY, "short_fifo_out": EMPTY, "pool_out": IDLE}
    states |= {"fork_out": FULL, "s_axis": FULL}
    found = find(stages, states)
    assert found is not None
    streams = [wait.stream for wait in found.waits]
    assert streams == ["sum_out", "short_fifo_out", "fork_out2", "fork_out"]
    assert found.stage.name == "pool"
