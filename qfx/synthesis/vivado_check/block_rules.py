"""What must hold of a block design once its script has come to its end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from qfx.synthesis.vivado_check.block_design import STEPS, BlockDesign, Segment
from qfx.synthesis.vivado_check.cells import SMARTCONNECT
from qfx.synthesis.vivado_check.types import Interface

_DMA = "xilinx.com:ip:axi_dma"
_BURST_BYTES = 4096  # no AXI burst crosses a multiple of it (IHI 0022, "Address structure")


def problems(design: BlockDesign) -> list[str]:
    """Return what is wrong; empty where nothing is."""
    rules = (
        _steps, _system, _pins, _interfaces, _clocks, _widths, _dmas, _streams, _registers, _memory,
    )  # fmt: skip
    return [f"block_design.tcl: {text}" for rule in rules for text in rule(design)]


def _steps(design: BlockDesign) -> Iterator[str]:
    if tuple(design.steps) != STEPS:
        index = next((i for i, s in enumerate(STEPS) if design.steps[i : i + 1] != [s]), len(STEPS))
        found = design.steps[index] if index < len(design.steps) else "the end"
        yield f"{found} stands where {STEPS[index] if index < len(STEPS) else 'the end'} should"


def _system(design: BlockDesign) -> Iterator[str]:
    """The processing system is set up by the board's files and gives the clock asked for."""
    system, mhz = design.system, design.project.manifest.clock_mhz
    if design.automated.get("ps") != system.options:
        yield "ps is not set up by the board's files"
    if "ps" not in design.cells:
        return
    found = design.setting("ps", system.clock.property)
    if float(found) != mhz:
        yield f"ps gives a clock of {found} MHz, and the design is for {mhz} MHz"


def _pins(design: BlockDesign) -> Iterator[str]:
    for name in design.cells:
        for pin in design.type_of(name).pins:
            path = f"{name}/{pin.name}"
            open_ended = pin.direction == "in" and pin.needed and design.there(name, pin)
            if open_ended and path not in design.drivers:
                yield f"nothing drives {path}, a {pin.kind}"


def _interfaces(design: BlockDesign) -> Iterator[str]:
    linked = {path for link in design.links for path in link}
    for name in design.cells:
        for each in design.interfaces(name):
            if f"{name}/{each.name}" not in linked:
                yield f"{name}/{each.name} is not connected"


def _clocks(design: BlockDesign) -> Iterator[str]:
    """Both ends of a connection follow one clock; resets come from that clock's reset block."""
    for link in design.links:
        clocks = {design.drivers.get(_clock(design, path), "nothing") for path in link}
        if len(clocks) > 1:
            yield f"{' and '.join(link)} follow {' and '.join(sorted(clocks))}"
    for pin, source in design.drivers.items():
        cell = design.cells[source.partition("/")[0]]
        held = design.pin(pin).kind == "resetn" and not pin.endswith("/ext_reset_in")
        if held and not cell.ip.endswith(":proc_sys_reset"):
            yield f"{pin} is reset by {source}, which follows no clock"


def _clock(design: BlockDesign, path: str) -> str:
    return f"{path.partition('/')[0]}/{design.interface(path).clock}"


def _widths(design: BlockDesign) -> Iterator[str]:
    """A stream has one width; memory-mapped ends meet in a SmartConnect, which converts."""
    for master, slave in design.links:
        ends = [design.interface(path) for path in (master, slave)]
        cells = [path.partition("/")[0] for path in (master, slave)]
        widths = [design.width(*end) for end in zip(cells, ends, strict=True)]
        known = {width for width in widths if width is not None}
        if ends[0].protocol == "axis" and len(known) > 1:
            yield f"{master} has {widths[0]} bits and {slave} {widths[1]}"
        bridged = any(design.cells[cell].ip == SMARTCONNECT for cell in cells)
        if ends[0].protocol == "aximm" and not bridged:
            yield f"{master} and {slave} meet without a SmartConnect between"


def _dmas(design: BlockDesign) -> Iterator[str]:
    for name, cell in design.cells.items():
        if cell.ip != _DMA:
            continue
        if design.setting(name, "c_include_sg") != "0":
            yield f"{name} is not in simple mode"
        if design.setting(name, "c_sg_length_width") != "26":
            yield f"the length register of {name} has not 26 bits"
        for side, stream in (("mm2s", "m_axis"), ("s2mm", "s_axis")):
            if design.setting(name, f"c_include_{side}") != "1":
                continue
            bits = int(design.setting(name, f"c_m_axi_{side}_data_width"))
            beats = int(design.setting(name, f"c_{side}_burst_size"))
            if int(design.setting(name, f"c_{stream}_{side}_tdata_width")) > bits:
                yield f"{name}: the stream of {side} is wider than its memory port"
            if bits // 8 * beats > _BURST_BYTES:
                yield f"{name}: a burst of {side} has {bits // 8 * beats} bytes"


def _streams(design: BlockDesign) -> Iterator[str]:
    """DMA k feeds input k and takes output k, which the driver relies on."""
    manifest = design.project.manifest
    core = f"{manifest.name}_0"
    wanted = [
        (f"axi_dma_{k}/M_AXIS_MM2S", f"{core}/{p.name}") for k, p in enumerate(manifest.inputs)
    ]
    wanted += [
        (f"{core}/{p.name}", f"axi_dma_{k}/S_AXIS_S2MM") for k, p in enumerate(manifest.outputs)
    ]
    for master, slave in wanted:
        if (master, slave) not in design.links:
            yield f"{master} does not lead to {slave}"


def _registers(design: BlockDesign) -> Iterator[str]:
    """Every block of registers stands once in the processors' space, aligned and alone."""
    control = design.system.control
    blocks = [s for s in design.segments if s.space.startswith("ps/")]
    for each in blocks:
        if each.offset is None or each.bytes is None:
            yield f"{each.segment} has no address of its own"
            continue
        size = _bytes(design, each)
        if each.bytes != size:
            yield f"{each.segment} has {each.bytes:#x} bytes, not {size:#x}"
        if each.offset % each.bytes:
            yield f"{each.segment} at {each.offset:#x} is not aligned to its {each.bytes:#x} bytes"
        if not control.base <= each.offset <= control.base + control.bytes - each.bytes:
            yield f"{each.segment} at {each.offset:#x} is beyond {control.port}"
        if not _reaches(design, each):
            yield f"{each.segment} is not behind {each.space}"
    yield from _overlaps(blocks)
    wanted = {
        f"{name}/{segment}"
        for name in design.cells
        if name != "ps"
        for interface in design.interfaces(name)
        for segment in interface.segments or {}
    }
    for missing in sorted(wanted - {each.segment for each in blocks}):
        yield f"{missing} has no address"
    if blocks and blocks[0].segment.partition("/")[0] != f"{design.project.manifest.name}_0":
        yield f"the first block of registers is {blocks[0].segment}, not the core's"


def _overlaps(blocks: list[Segment]) -> Iterator[str]:
    placed = sorted((b.offset, b.bytes, b.segment) for b in blocks if b.offset is not None)
    for (start, size, first), (following, _, second) in pairwise(placed):
        if start + (size or 0) > following:
            yield f"{first} and {second} overlap at {following:#x}"


def _bytes(design: BlockDesign, each: Segment) -> int | None:
    _, interface = design.segment(each.segment)
    return (interface.segments or {})[each.segment.partition("/")[2]]


def _memory(design: BlockDesign) -> Iterator[str]:
    """Each DMA reaches the memory from 0 on, as much as the board has, and nothing that is none."""
    own, memory = design.board.processing_system, design.system.memory
    low, bits = f"ps/{memory.low}", memory.address_bits
    for name in design.cells:
        for master in design.interfaces(name):
            space = f"{name}/{master.space}"
            if master.space is None or name == "ps":
                continue
            found = {s.segment: s for s in design.segments if s.space == space}
            wanted = Segment(space, low, 0, (own.low_memory_mib if own else 0) << 20)
            if found.get(low) != wanted:
                yield f"{space} does not reach the {wanted.bytes:#x} bytes of {low} from 0 on"
            elif not _reaches(design, wanted):
                yield f"{low} is not behind {space}"
            others = {f"ps/{other}" for other in memory.others}
            if others & found.keys():
                yield f"{space} reaches {min(others & found.keys())}, which is no memory"
            for other in sorted(others - {s for where, s in design.excluded if where == space}):
                yield f"{other} is not excluded from {space}"
            far = f"ps/{memory.high}" in found
            if far and int(design.setting(name, "c_addr_width")) < bits:
                yield f"{name} has fewer than {bits} address bits for {memory.high}"


def _reaches(design: BlockDesign, each: Segment) -> bool:
    """Whether the way from a space's master leads to the segment's slave."""
    cell, slave = design.segment(each.segment)
    start = f"{each.space.partition('/')[0]}/{design.space(each.space).name}"
    return f"{cell}/{slave.name}" in _behind(design, start)


def _behind(design: BlockDesign, master: str) -> set[str]:
    """The slaves that a master reaches, through SmartConnects."""
    found = set[str]()
    for slave in [slave for source, slave in design.links if source == master]:
        cell = slave.partition("/")[0]
        if design.cells[cell].ip != SMARTCONNECT:
            found.add(slave)
            continue
        onward: list[Interface] = [i for i in design.interfaces(cell) if i.mode == "master"]
        for each in onward:
            found |= _behind(design, f"{cell}/{each.name}")
    return found
