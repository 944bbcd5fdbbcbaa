"""The Verilog lints clean in Verilator; Icarus and Yosys read it too."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import qfx
from models import MODES, random_mlp, small_mlp
from product_graphs import GRAPHS
from qfx import assets, boards
from qfx.backends import verilog
from qfx.backends.netlist.words import pack, signed_bits
from qfx.backends.verilog.literals import hex_literal
from qfx.fixedpoint import Interval
from qfx.hardware import MULTIPLIERS, Multipliers, schedule
from qfx.ir import Graph
from several_models import frozen


def write(folder: Path, seed: int, multipliers: Multipliers = "auto") -> list[str]:
    """A design's sources; those of ten seeds have every pair of modes."""
    start = seed * 3 % len(MODES)
    model, inputs = random_mlp(seed, MODES[start:] + MODES[:start])
    graph = qfx.lower(model, (inputs,), "net")
    design = schedule(graph, boards.load("ultra96"), goal_ii=9, multipliers=multipliers)
    verilog.write(design, folder)
    return [str(path) for path in sorted((folder / "src").glob("*.sv"))]


def quiet(*command: str) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


@pytest.mark.parametrize(
    ("seed", "multipliers"),
    [*((seed, "auto") for seed in range(10)), (0, "none"), (1, "none"), (2, "dsp")],
)
def test_verilator_has_nothing_to_say(
    seed: int, multipliers: Multipliers, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    files = write(tmp_path, seed, multipliers)
    assert quiet("verilator", "--lint-only", "-Wall", "--top-module", "net", *files) == ""


@pytest.mark.parametrize(
    ("seed", "multipliers"), [(0, "auto"), (1, "lut"), (2, "dsp"), (3, "none")]
)
def test_icarus_reads_it(
    seed: int, multipliers: Multipliers, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("iverilog")
    files = write(tmp_path, seed, multipliers)
    assert (
        quiet("iverilog", "-g2012", "-Wall", "-s", "net", "-o", str(tmp_path / "x"), *files) == ""
    )


@pytest.mark.parametrize(("seed", "multipliers"), [(0, "auto"), (1, "none")])
def test_yosys_reads_it(
    seed: int, multipliers: Multipliers, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("yosys")
    files = " ".join(write(tmp_path, seed, multipliers))
    script = f"read_verilog -sv {files}; hierarchy -check -top net; proc; opt; check -assert"
    quiet("yosys", "-q", "-p", script)


@pytest.mark.parametrize("multipliers", MULTIPLIERS)
@pytest.mark.parametrize("make", GRAPHS)
def test_products_of_maps_lint_clean_too(
    make: Callable[[str], Graph],
    multipliers: Multipliers,
    tmp_path: Path,
    require_tool: Callable[[str], None],
) -> None:
    for tool in ("verilator", "iverilog"):
        require_tool(tool)
    design = schedule(make("net"), boards.load("pynq_z2"), multipliers=multipliers)
    verilog.write(design, tmp_path)
    files = [str(path) for path in sorted((tmp_path / "src").glob("*.sv"))]
    assert quiet("verilator", "--lint-only", "-Wall", "--top-module", "net", *files) == ""
    quiet("iverilog", "-g2012", "-Wall", "-s", "net", "-o", str(tmp_path / "x"), *files)


@pytest.mark.parametrize("name", ["joined", "heads"])
def test_the_ip_lints_clean_too(
    name: str, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    for tool in ("verilator", "iverilog", "yosys"):
        require_tool(tool)
    model, shapes = frozen(name)
    graph = qfx.lower(model, shapes, name)
    verilog.write(schedule(graph, boards.load("pynq_z2")), tmp_path)
    top, sources = f"{name}_ip", sorted((tmp_path / "src").glob("*.sv"))
    files = [*map(str, sources), str(tmp_path / "src" / f"{top}.v")]
    assert quiet("verilator", "--lint-only", "-Wall", "--top-module", top, *files) == ""
    assert quiet("iverilog", "-g2012", "-Wall", "-s", top, "-o", str(tmp_path / "x"), *files) == ""
    script = f"read_verilog {files[-1]}; read_verilog -sv {' '.join(files[:-1])};"  # plain Verilog
    quiet("yosys", "-q", "-p", f"{script} hierarchy -check -top {top}; proc; opt; check -assert")


# Sizes that are no powers of two, so that a product by one of them would show.
AWKWARD = {
    "argmax": {"LANES": 3, "BEATS": 7, "INDEX_BITS": 5},
    "embed": {"INDEX_BITS": 9, "ROW_BEATS": 37, "ADDRESS_BITS": 14},
    "fifo": {"DEPTH": 11},
    "pool": {"LANES": 3, "TAPS": 5},
    "repeat": {"BEATS": 5, "WIDTH": 27, "SCALE_H": 3, "SCALE_W": 3},
    "resize": {"IN": 5, "OUT": 3, "IN_BEATS": 7, "LAST_PUSH": 4, "LIMIT": 5},
    "window": {
        "BEATS": 15, "GROUPS": 3, "HEIGHT": 29, "WIDTH": 27, "KERNEL_W": 5, "STRIDE_H": 3,
        "STRIDE_W": 7, "DILATION_H": 3, "DILATION_W": 3, "OUT_HEIGHT": 9, "OUT_WIDTH": 3,
        "ROWS": 11,
    },
}  # fmt: skip


def test_no_place_or_address_takes_a_multiplier(
    tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("yosys")
    library = assets.folder("hls_templates") / "verilog" / "lib"
    for kind, sizes in AWKWARD.items():
        given = " ".join(f"-chparam {name} {size}" for name, size in sizes.items())
        quiet(
            *("yosys", "-q", "-p", f"read_verilog -sv {library}/qfx_{kind}.sv;"),
            *("-p", f"hierarchy -top qfx_{kind} {given}; proc; opt"),
            *("-p", "select -assert-none t:$mul t:$div t:$mod"),
        )


def test_every_rom_is_in_the_source(tmp_path: Path) -> None:
    graph = qfx.lower(small_mlp(), (16,), "net")
    design = schedule(graph, boards.load("ultra96"), goal_ii=32)
    texts = verilog.modules(design)
    assert sum("initial begin" in text for text in texts.values()) >= 2
    assert not any("$readmem" in text for text in texts.values())


def test_literals_and_words() -> None:
    assert hex_literal(-1, 5) == "5'h1f"
    assert hex_literal(-3, 4, signed=True) == "4'shd"
    assert pack([1, -1, 2], 4) == 0x2F1
    ends = ((0, 0), (0, 1), (-1, 0), (-4, 3), (0, 4))
    assert [signed_bits(Interval(*pair)) for pair in ends] == [2, 2, 1, 3, 4]
