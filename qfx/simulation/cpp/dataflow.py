"""The C++ as a dataflow region: its stages side by side, its streams as deep as declared."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from qfx.hardware import Stage
from qfx.hardware.channels import carriers
from qfx.project.kernel_text import CALL, DEPTH, STREAM
from qfx.simulation.outcome import SimulationError
from qfx.simulation.rtl.deadlock import Deadlock, Handshake, find

Levels = Mapping[str, tuple[int, int]]  # beats that a stream holds and could hold, by its name


def as_dataflow(text: str, top: str) -> str:
    """The C++ for -DQFX_DATAFLOW: qfx_dataflow.hpp says what is made of it.

    Args:
        text: of the generated file, as `vitis_check` wants it.
        top: the function whose calls are stages.

    Raises:
        SimulationError: the function is not there, or a stream of it has no depth.
    """
    start = re.search(rf"^void {top}\(.*\) {{$", text, re.MULTILINE)
    end = -1 if start is None else text.find("\n}", start.end())
    if start is None or end < 0:
        raise SimulationError(
            f"the C++ does not define {top} as it was generated, which csim looks for: export again"
        )
    depths = dict(DEPTH.findall(text[start.end() : end]))
    lines = []
    for line in text[start.end() : end].splitlines():
        stream = STREAM.match(line)
        if stream and stream[2] not in depths:
            raise SimulationError(
                f"the C++ gives the stream {stream[2]} of {top} no depth by a #pragma HLS STREAM:"
                " export again"
            )
        if stream:
            line = f'  {stream[1]}("{stream[2]}", {depths[stream[2]]});'
        elif CALL.fullmatch(line):
            line = "  qfx::stage([&] { " + line.strip() + " });"
        lines.append(line)
    body = "\n".join((*lines, "  qfx::run_stages();"))
    return text[: start.end()] + body + text[end:]


def explain(stages: Sequence[Stage], levels: Levels) -> Deadlock | None:
    """Which stages wait for which, when none can go on.

    Args:
        stages: of the design.
        levels: of the C++ streams.
    """
    carrier = carriers(stages)
    states = {name: _state(*levels[stream]) for name, stream in carrier.items() if stream in levels}
    declared = [
        stage
        if stage.queue_depth is None
        else stage.with_depth(levels[carrier[stage.output.name]][1])
        for stage in stages
    ]
    return find(declared, states)


def _state(count: int, depth: int) -> Handshake:
    """A stream holds up who writes it when it is full, who reads it when it is empty."""
    return Handshake(valid=count > 0, ready=count < depth)
