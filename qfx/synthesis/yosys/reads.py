"""Distributed RAMs as paths lead through them: from the address to what is read.  What is written
ends at a clock edge, as before a flip-flop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

# Of the cells with several ports: how many, the bits of an address and of data.
_SEVERAL = {"RAM32M": (4, 5, 2), "RAM64M": (4, 6, 1), "RAM32M16": (8, 5, 2), "RAM64M8": (8, 6, 1)}
# Of those with one or two ports: the bits of an address, and whether it is a bus.
_ONE = {
    "RAM32X1S": (5, False),
    "RAM64X1S": (6, False),
    "RAM128X1S": (7, False),
    "RAM256X1S": (8, True),
    "RAM512X1S": (9, True),
}
_TWO = {
    "RAM32X1D": (5, False),
    "RAM64X1D": (6, False),
    "RAM128X1D": (7, True),
    "RAM256X1D": (8, True),
}


def reads() -> str:
    """Write a map for Yosys' techmap that leaves of each cell what is read."""
    return "\n".join(_modules())


def _modules() -> Iterator[str]:
    for cell, (count, address, data) in _SEVERAL.items():
        ports = "ABCDEFGH"[:count]
        asked = {f"ADDR{port}": address for port in ports[:-1]}
        written = {f"ADDR{ports[-1]}": address} | {f"DI{port}": data for port in ports}
        given = {f"DO{port}": data for port in ports}
        yield _module(cell, [f"INIT_{port}" for port in ports], asked, written, given)
    for cell, (address, bus) in _ONE.items():
        yield _module(cell, ["INIT"], _address("A", address, bus), {"D": 1}, {"O": 1})
    for cell, (address, bus) in _TWO.items():
        asked = _address("A", address, bus) | _address("DPRA", address, bus)
        yield _module(cell, ["INIT"], asked, {"D": 1}, {"SPO": 1, "DPO": 1})


def _address(name: str, bits: int, bus: bool) -> dict[str, int]:
    return {name: bits} if bus else {f"{name}{bit}": 1 for bit in range(bits)}


def _module(
    cell: str,
    parameters: list[str],
    asked: Mapping[str, int],
    written: Mapping[str, int],
    given: Mapping[str, int],
) -> str:
    """Write what becomes of a cell.  Where its last address is read at, the others are the same."""
    ports = [f"input [{b - 1}:0] {n}" for n, b in {**asked, **written, "WE": 1, "WCLK": 1}.items()]
    ports += [f"output [{b - 1}:0] {n}" for n, b in given.items()]
    told = " ".join(f"parameter {name} = 0;" for name in (*parameters, "IS_WCLK_INVERTED"))
    pins = ", ".join(f".{name}({name})" for name in (*asked, *given))
    body = f"{cell} _TECHMAP_REPLACE_ ({pins});"
    return f"module {cell} ({', '.join(ports)}); {told} {body} endmodule"
