"""Why a frame takes no fewer cycles, in words: the port, or the layer, that sets the pace, and what
would lift it.
"""

from __future__ import annotations

from collections.abc import Sequence

from qfx.boards import Board
from qfx.hardware.design import Design
from qfx.hardware.overrides import Option
from qfx.hardware.port import Port
from qfx.hardware.sections import Plan
from qfx.hardware.stage import Head, Stage


def port_cycles(planned: Plan) -> int:
    """Count a frame's cycles at the busiest port, at the board's dma_width_bits."""
    return busiest_port(planned).stream.beats


def busiest_port(planned: Plan) -> Port:
    """Return the port that takes the most cycles a frame."""
    return max((*planned.inputs, *planned.outputs), key=lambda port: port.stream.beats)


def bound(planned: Plan, board: Board, left: Sequence[Sequence[Option]]) -> str:
    """Say why no design of these foldings needs fewer cycles than the fastest one.

    Args:
        planned: of the graph.
        board: what it is for.
        left: of each head, the foldings and the cycles they take.
    """
    fastest = [min(option, key=lambda option: option[1]) for option in left]
    cycles = max([port_cycles(planned), *(needed for _, needed in fastest)])
    if cycles == port_cycles(planned):
        stream = busiest_port(planned).stream
        return (
            f"at {board.dma_width_bits} bits a cycle on the ports of {board.name} (dma_width_bits"
            f" of its board file) the {stream.elements:,} elements of {stream.name},"
            f" {stream.lanes} a beat, need {cycles:,} cycles a frame; wider ports would lift that"
        )
    slowest = next(n for n, (_, needed) in enumerate(fastest) if needed == cycles)
    section = planned.folded[slowest]
    head, (folding, _) = planned.heads[slowest], fastest[slowest]
    layer = f"layer {head.node.source or head.node.output.name}"
    free = min(needed for _, needed in head.foldings())
    if free < cycles:
        return (
            f"{layer} sets the pace: with what overrides leave it a frame needs {cycles:,} cycles,"
            f" without them {free:,}"
        )
    stages = head.stages(section.name, head.entering(head.reads(folding)), folding)
    return f"{layer} sets the pace: {_said(max(stages, key=lambda stage: stage.cycles), head)}"


def _said(stage: Stage, head: Head) -> str:
    """Say what a stage does for so many cycles, which is as fast as there is."""
    busiest = max((*stage.inputs, *stage.outputs), key=lambda stream: stream.beats)
    shape = " x ".join(map(str, head.node.inputs[0].type.shape))
    if busiest.beats == stage.cycles:
        verb = "reads" if busiest in stage.inputs else "sends"
        return (
            f"{stage.name} {verb} {busiest.elements:,} elements a frame, {busiest.lanes} a beat,"
            f" which is the most for an input of {shape}, so a frame needs {stage.cycles:,} cycles;"
            " a smaller input of that layer would lift that"
        )
    return (
        f"with all its lanes in parallel {stage.name} needs {stage.cycles:,} cycles for an input of"
        f" {shape}; a smaller layer would lift that"
    )


def pace_of(design: Design) -> str:
    """Name what sets the pace of a design: a layer and its stage, or a port."""
    name = design.bottleneck
    for port in (*design.inputs, *design.outputs):
        if port.stream.beats == design.initiation_interval:
            return f"port {port.words}"
    source = next((stage.source for stage in design.stages if stage.name == name), "")
    return f"{name} of layer {source}" if source else name
