"""The processing systems as cells of a block design, after AMD's product guides: what a data path
of DMAs may use of them.
"""

from __future__ import annotations

from qfx.synthesis.vivado_check.types import (
    SWITCH,
    CellType,
    Interface,
    Number,
    OneOf,
    Pin,
    Property,
)


def zynq_ultra_ps_e() -> CellType:
    """Make the cell; of its interrupts and clocks beyond the first two nothing is used here."""
    pins, interfaces, properties = [], [], {"PSU__OVERRIDE__BASIC_CLOCK": Property(SWITCH, "1")}
    for n in range(4):
        there = f"PSU__FPGA_PL{n}_ENABLE"
        pins.append(Pin(f"pl_clk{n}", "out", "clock", there))
        properties[there] = Property(SWITCH, "0")
        properties[f"PSU__CRL_APB__PL{n}_REF_CTRL__FREQMHZ"] = Property(Number(1, 600), "100")
    pins.append(Pin("pl_resetn0", "out", "resetn"))
    for n, port in enumerate(("HPM0_FPD", "HPM1_FPD", "HPM0_LPD")):
        there, width, clock = (
            f"PSU__USE__M_AXI_GP{n}",
            f"PSU__MAXIGP{n}__DATA_WIDTH",
            f"maxi{port.lower()}_aclk",
        )
        pins.append(Pin(clock, "in", "clock", there))
        interfaces.append(
            Interface(f"M_AXI_{port}", "master", "aximm", clock, width, there, space="Data")
        )
        properties |= {
            there: Property(SWITCH, "1"),
            width: Property(OneOf((32, 64, 128)), "128"),
        }
    for n, port in enumerate(("HPC0", "HPC1", "HP0", "HP1", "HP2", "HP3")):
        there, width, clock = (
            f"PSU__USE__S_AXI_GP{n}",
            f"PSU__SAXIGP{n}__DATA_WIDTH",
            f"saxi{port.lower()}_fpd_aclk",
        )
        kinds = ("DDR_LOW", "DDR_HIGH", "LPS_OCM", "QSPI")
        pins.append(Pin(clock, "in", "clock", there))
        interfaces.append(
            Interface(
                f"S_AXI_{port}_FPD",
                "slave",
                "aximm",
                clock,
                width,
                there,
                segments={f"SAXIGP{n}/{port}_{kind}": None for kind in kinds},
            )
        )
        properties |= {
            there: Property(SWITCH, "0"),
            width: Property(OneOf((32, 64, 128)), "128"),
        }
    return CellType(
        "xilinx.com:ip:zynq_ultra_ps_e", "PG201", tuple(pins), tuple(interfaces), properties
    )


def processing_system7() -> CellType:
    pins, interfaces = list[Pin](), list[Interface]()
    properties = dict[str, Property]()
    for n in range(4):
        pins += [
            Pin(f"FCLK_CLK{n}", "out", "clock", f"PCW_EN_CLK{n}_PORT"),
            Pin(f"FCLK_RESET{n}_N", "out", "resetn", f"PCW_EN_RST{n}_PORT"),
        ]
        properties |= {
            f"PCW_EN_CLK{n}_PORT": Property(SWITCH, "0"),
            f"PCW_EN_RST{n}_PORT": Property(SWITCH, "1" if n == 0 else "0"),
            f"PCW_FPGA{n}_PERIPHERAL_FREQMHZ": Property(Number(0.1, 250), "50"),
        }
    for n in range(2):
        there, clock = f"PCW_USE_M_AXI_GP{n}", f"M_AXI_GP{n}_ACLK"
        pins.append(Pin(clock, "in", "clock", there))
        interfaces.append(
            Interface(f"M_AXI_GP{n}", "master", "aximm", clock, 32, there, space="Data")
        )
        properties[there] = Property(SWITCH, "1" if n == 0 else "0")
    for n in range(4):
        there, width, clock = (
            f"PCW_USE_S_AXI_HP{n}",
            f"PCW_S_AXI_HP{n}_DATA_WIDTH",
            f"S_AXI_HP{n}_ACLK",
        )
        pins.append(Pin(clock, "in", "clock", there))
        interfaces.append(
            Interface(
                f"S_AXI_HP{n}",
                "slave",
                "aximm",
                clock,
                width,
                there,
                segments={f"S_AXI_HP{n}/HP{n}_DDR_LOWOCM": None},
            )
        )
        properties |= {there: Property(SWITCH, "0"), width: Property(OneOf((32, 64)), "64")}
    return CellType(
        "xilinx.com:ip:processing_system7", "PG082", tuple(pins), tuple(interfaces), properties
    )
