"""The netlist of a design: an instance for each stage, the ROMs beside it, the wires between."""

from __future__ import annotations

from qfx.backends.netlist.maps import MapModule
from qfx.backends.netlist.parts import Bus, Instance, Netlist, Rom, StreamWires, Wire
from qfx.backends.netlist.stages import SPELLED
from qfx.hardware import Design, Stage


def netlist(design: Design) -> Netlist:
    """The netlist of a design."""
    spelled = [spell(design, stage) for stage in design.stages]
    entering = [port.stream for port in design.inputs]
    streams = [*entering, *(s for stage in design.stages for s in stage.outputs)]
    return Netlist(
        name=design.graph.name,
        title=f"{design.graph.name} for {design.board.title}: {design.goal}.",
        initiation_interval=design.initiation_interval,
        bottleneck=design.bottleneck,
        inputs=tuple(map(Bus.of, design.inputs)),
        outputs=tuple(map(Bus.of, design.outputs)),
        streams=tuple(
            StreamWires(s.name, s.bits, f"{s.lanes} x {s.dtype}, {s.beats} beats a frame")
            for s in streams
        ),
        instances=tuple(instance for each, _, _ in spelled for instance in each),
        maps=tuple(module for _, module, _ in spelled if module is not None),
        roms=tuple(rom for _, _, roms in spelled for rom in roms),
    )


def spell(
    design: Design, stage: Stage
) -> tuple[tuple[Instance, ...], MapModule | None, tuple[Rom, ...]]:
    """A stage of a design: its instance and those of its ROMs; its own module, where it has one;
    and the ROMs.
    """
    spelling = SPELLED[type(stage)]
    own = f"{design.graph.name}_{stage.name}"  # so that two designs can live in one project
    roms = spelling.roms(stage, own)
    generated = spelling.generated(stage, own) if spelling.generated else None
    joined = [(rom, _joined(stage, rom)) for rom in roms]
    instance = Instance(
        name=f"u_{stage.name}",
        module=spelling.module(stage) if generated is None else generated.module,
        comment=_provenance(stage),
        parameters={
            **spelling.parameters(stage),
            **{_address_bits(rom): rom.address_bits for rom in roms},
        },
        connections={
            "rst": "rst",
            **_streams(stage),
            **{f"{rom.port}_{port}": wire for rom, at in joined for port, wire in at.items()},
        },
        wires=tuple(wire for rom, at in joined for wire in _wires(rom, at)),
    )
    beside = (
        Instance(
            name=f"u_{stage.name}_{rom.port}",
            module=rom.module,
            comment=f"{rom.holds} of {stage.name}",
            parameters={},
            connections=at,
        )
        for rom, at in joined
    )
    return (instance, *beside), generated, roms


def _streams(stage: Stage) -> dict[str, str]:
    """The wires at the ports of a stage's streams."""
    ports = [*zip(stage.in_ports, stage.inputs, strict=True)]
    ports += zip(stage.out_ports, stage.outputs, strict=True)
    return {
        f"{prefix}_{wire}": f"{stream.name}_{wire}"
        for prefix, stream in ports
        for wire in ("valid", "ready", "data")
    }


def _joined(stage: Stage, rom: Rom) -> dict[str, str]:
    """The wire at each port of a ROM."""
    return {port: f"{stage.name}_{rom.port}_{port}" for port in ("enable", "address", "data")}


def _wires(rom: Rom, at: dict[str, str]) -> tuple[Wire, ...]:
    widths = {"enable": None, "address": rom.address_bits, "data": rom.bits}
    return tuple(Wire(at[port], width) for port, width in widths.items())


def _address_bits(rom: Rom) -> str:
    """The stage's parameter that says how wide the ROM's address is."""
    return "ADDRESS_BITS" if rom.port == "rom" else f"{rom.port.upper()}_ADDRESS_BITS"


def _provenance(stage: Stage) -> str:
    layer = f"layer {stage.source}: " if stage.source else ""
    reads = " and ".join(f"{stream.lanes} x {stream.dtype}" for stream in stage.inputs)
    return (
        f"{layer}{stage.kind}, {reads} -> {stage.output.lanes} x {stage.output.dtype},"
        f" {stage.cycles} cycles a frame"
    )
