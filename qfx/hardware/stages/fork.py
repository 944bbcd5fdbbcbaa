"""A fork: where a value is read twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qfx.boards import Resources
from qfx.hardware.fabric import ULTRASCALE, Fabric
from qfx.hardware.paths import Path
from qfx.hardware.stage import Stage
from qfx.hardware.stream import Stream


@dataclass(frozen=True)
class Fork(Stage):
    """The same beats on two streams, each at its own pace by up to one beat.

    Args:
        second: the other stream it writes.
    """

    kind: ClassVar[str] = "fork"
    out_ports: ClassVar[tuple[str, ...]] = ("a", "b")
    second: Stream

    @property
    def outputs(self) -> tuple[Stream, ...]:
        return (self.output, self.second)

    @property
    def paths(self) -> tuple[Path, ...]:
        return (Path(levels=1),)

    def estimate(self, fabric: Fabric = ULTRASCALE) -> Resources:
        return Resources(luts=6, flip_flops=2)
