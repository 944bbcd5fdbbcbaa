"""The cells that a block design is made of: their pins, interfaces and properties, after AMD's
product guides.

Only what a data path of DMAs needs is here: a pin or property that is not is refused by the check.
"""

from __future__ import annotations

from qfx.synthesis.vivado_check.systems import processing_system7, zynq_ultra_ps_e
from qfx.synthesis.vivado_check.types import (
    SWITCH,
    CellType,
    Interface,
    Number,
    OneOf,
    Pin,
    Property,
    Settings,
)

_WIDTHS = (8, 16, 32, 64, 128, 256, 512, 1024)


def _axi_dma() -> CellType:
    pins = [
        Pin("s_axi_lite_aclk", "in", "clock"),
        Pin("m_axi_sg_aclk", "in", "clock", "c_include_sg"),
        Pin("axi_resetn", "in", "resetn"),
    ]
    interfaces = [
        Interface(
            "S_AXI_LITE",
            "slave",
            "aximm",
            "s_axi_lite_aclk",
            32,
            segments={"S_AXI_LITE/Reg": 0x1_0000},
        ),
        Interface(
            "M_AXI_SG", "master", "aximm", "m_axi_sg_aclk", 32, "c_include_sg", space="Data_SG"
        ),
    ]
    properties = {
        "c_include_sg": Property(SWITCH, "1"),
        "c_sg_include_stscntrl_strm": Property(SWITCH, "1"),
        "c_sg_length_width": Property(Number(8, 26), "14"),
        "c_addr_width": Property(Number(32, 64), "32"),
        "c_micro_dma": Property(SWITCH, "0"),
    }
    for side, stream, mode in (("mm2s", "m_axis", "master"), ("s2mm", "s_axis", "slave")):
        there, clock = f"c_include_{side}", f"m_axi_{side}_aclk"
        memory, width = f"c_m_axi_{side}_data_width", f"c_{stream}_{side}_tdata_width"
        pins += [
            Pin(clock, "in", "clock", there),
            Pin(f"{side}_introut", "out", "data", there),
            Pin(f"{side}_prmry_reset_out_n", "out", "resetn", there),
        ]
        interfaces += [
            Interface(
                f"M_AXI_{side.upper()}",
                "master",
                "aximm",
                clock,
                memory,
                there,
                space=f"Data_{side.upper()}",
            ),
            Interface(f"{stream}_{side}".upper(), mode, "axis", clock, width, there),
        ]
        properties |= {
            there: Property(SWITCH, "1"),
            memory: Property(OneOf(_WIDTHS[2:]), "32"),
            width: Property(OneOf(_WIDTHS), "32"),
            f"c_{side}_burst_size": Property(OneOf((2, 4, 8, 16, 32, 64, 128, 256)), "16"),
            f"c_include_{side}_dre": Property(SWITCH, "0"),
            f"c_include_{side}_sf": Property(SWITCH, "1"),
        }
    return CellType("xilinx.com:ip:axi_dma", "PG021", tuple(pins), tuple(interfaces), properties)


_PROC_SYS_RESET = CellType(
    "xilinx.com:ip:proc_sys_reset",
    "PG164",
    (
        Pin("slowest_sync_clk", "in", "clock"),
        Pin("ext_reset_in", "in", "resetn"),  # the polarity is taken over from what drives it
        Pin("aux_reset_in", "in", "resetn", needed=False),
        Pin("mb_debug_sys_rst", "in", "reset", needed=False),
        Pin("dcm_locked", "in", "data", needed=False),
        Pin("mb_reset", "out", "reset"),
        Pin("bus_struct_reset", "out", "reset"),
        Pin("peripheral_reset", "out", "reset"),
        Pin("interconnect_aresetn", "out", "resetn"),
        Pin("peripheral_aresetn", "out", "resetn"),
    ),
    (),
    {
        "C_EXT_RST_WIDTH": Property(Number(1, 16), "4"),
        "C_AUX_RST_WIDTH": Property(Number(1, 16), "4"),
    },
)


def _smartconnect(settings: Settings) -> CellType:
    """Its ports are so many as asked for (PG247)."""
    sizes = {
        "NUM_SI": Property(Number(1, 16), "2"),
        "NUM_MI": Property(Number(1, 16), "1"),
        "NUM_CLKS": Property(OneOf((1,)), "1"),
    }
    counts = [int(settings.get(name, sizes[name].default)) for name in ("NUM_SI", "NUM_MI")]
    ports = [
        Interface(f"{side}{n:02d}_AXI", mode, "aximm", "aclk")
        for side, mode, count in (("S", "slave", counts[0]), ("M", "master", counts[1]))
        for n in range(count)
    ]
    pins = (Pin("aclk", "in", "clock"), Pin("aresetn", "in", "resetn"))
    return CellType("xilinx.com:ip:smartconnect", "PG247", pins, tuple(ports), sizes)


SMARTCONNECT = "xilinx.com:ip:smartconnect"
_FIXED = {
    kind.ip: kind for kind in (_axi_dma(), zynq_ultra_ps_e(), processing_system7(), _PROC_SYS_RESET)
}
KNOWN = (*_FIXED, SMARTCONNECT)


def cell_type(ip: str, settings: Settings) -> CellType:
    """Return the IP of that vendor, library and name, as these settings make it."""
    return _smartconnect(settings) if ip == SMARTCONNECT else _FIXED[ip]
