"""How long a testbench waits, by what is predicted of a design."""

from __future__ import annotations


def patience_cycles(initiation_interval: int, latency_cycles: int) -> int:
    """Count the cycles without a beat at a port after which a simulation counts as stuck: a slow
    design may compute for a frame's time between two of them.
    """
    return max(10_000, 4 * (initiation_interval + latency_cycles))


def hold_quiet(initiation_interval: int, latency_cycles: int) -> int:
    """Count the cycles without a beat at any port after which everything stands still in a design
    of which an output or an input has stopped.
    """
    return 64 + latency_cycles + initiation_interval


def hold_turns(inputs: int, outputs: int) -> int:
    """Tell after how many holds the outputs and the inputs have stopped together, and each alone,
    as pauses.hpp has them take turns.
    """
    ports = max(inputs, outputs)
    return 2 * (ports + 1 if ports > 1 else 1)
