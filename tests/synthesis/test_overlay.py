"""The scripts for Vivado say what AMD's guides, the core's Verilog and the board's file allow; a
script with one mistake is refused, by its line where it has one.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import qfx
from models import as_built, small_mlp
from qfx import assets, boards, nn
from qfx.boards import BoardError
from qfx.project.folder import Project, ProjectError
from qfx.synthesis import SynthesisError
from qfx.synthesis import vivado_check as overlay
from qfx.synthesis.vivado_check.tcl import TclError, words
from qfx.tools import TOOLS

WITH_PROCESSORS = [n for n in boards.names() if boards.load(n).processing_system is not None]
DMA = "axi_dma_0"


@pytest.fixture(scope="module", autouse=True)
def _tclsh_is_here(require_tool: Callable[[str], None]) -> None:
    require_tool("tclsh")


def several(inputs: int, outputs: int) -> nn.Layer:
    """A network of so many inputs of 4 elements, and as many outputs as asked for."""
    nodes: list = [(f"q{i}", nn.Quantizer(6, 3), f"x{i}") for i in range(inputs)]
    last = "q0"
    for i in range(1, inputs):
        nodes.append((f"sum{i}", nn.Add(nn.Quantizer(6, 3)), (last, f"q{i}")))
        last = f"sum{i}"
    for i in range(outputs):
        linear = nn.Linear(4, 4, weight=nn.Quantizer(4, 3), output=nn.Quantizer(6, 3))
        nodes.append((f"y{i}", linear, last))
    names = [[f"{letter}{i}" for i in range(n)] for letter, n in (("x", inputs), ("y", outputs))]
    model = nn.Network(nodes, inputs=tuple(names[0]), outputs=tuple(names[1])).eval()
    as_built(model)
    return model


@pytest.fixture(scope="module")
def ultra96(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("overlay") / "net"
    return qfx.export(small_mlp(), folder, input_shape=(16,), name="net")


@pytest.mark.parametrize("name", WITH_PROCESSORS)
def test_the_overlay_of_each_board_with_processors(name: str, tmp_path: Path) -> None:
    project = qfx.export(small_mlp(), tmp_path / "p", input_shape=(16,), name="net", board=name)
    checked = overlay.check(project)
    assert checked.problems == ()
    assert checked.commands > 200
    readme = (project.path / "pynq" / "README.md").read_text()
    assert str(boards.load(name).board_part) in readme
    assert "**Not run by those who wrote it" in readme
    way = boards.load(name).processing_system.pynq
    assert way == ("kria" if name == "kv260" else "image")
    assert all(source in readme for source in boards.pynq_system(way).sources.values())
    assert "http://BOARD:9090" in readme
    assert "source /etc/profile.d/pynq_venv.sh\n" in readme
    if way == "kria":
        assert "xilinx@" not in readme
        assert "/home/xilinx" not in readme
        assert "sudo bash install.sh -b KV260" in readme
        assert "ssh USER@BOARD mkdir -p net/pynq\n" in readme
        assert 'cp -r /home/USER/net "$PYNQ_JUPYTER_NOTEBOOKS"\n' in readme
        assert "cd /home/USER/net/pynq\n" in readme
    else:
        assert "install.sh" not in readme  # Kria-PYNQ is named where it is a source
        assert "PYNQ_JUPYTER_NOTEBOOKS" not in readme
        assert "ssh xilinx@BOARD mkdir -p jupyter_notebooks/net/pynq\n" in readme
        assert "cd /home/xilinx/jupyter_notebooks/net/pynq\n" in readme


@pytest.mark.parametrize(("inputs", "outputs"), [(2, 1), (1, 2), (3, 2), (8, 8)])
def test_the_overlay_of_several_inputs_and_outputs(
    inputs: int, outputs: int, tmp_path: Path
) -> None:
    shapes = ((4,),) * inputs if inputs > 1 else (4,)
    model, folder = several(inputs, outputs), tmp_path / "p"
    project = qfx.export(model, folder, input_shape=shapes, name="net")
    assert overlay.check(project).problems == ()
    text = (project.path / "pynq" / "block_design.tcl").read_text()
    assert text.count("\ncell xilinx.com:ip:axi_dma ") == max(inputs, outputs)
    assert text.count("/M_AXIS_MM2S]") == inputs
    assert text.count("/S_AXIS_S2MM]") == outputs


@pytest.mark.parametrize(("inputs", "outputs", "many"), [(9, 1, "inputs"), (1, 9, "outputs")])
def test_more_ports_than_the_registers_have_room_for_are_refused(
    inputs: int, outputs: int, many: str, tmp_path: Path
) -> None:
    shapes = ((4,),) * inputs if inputs > 1 else (4,)
    with pytest.raises(ProjectError, match=f"net has 9 {many}, and the core's registers have room"):
        qfx.export(several(inputs, outputs), tmp_path / "p", input_shape=shapes, name="net")
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("mhz", [187.5, 133.3333333])
def test_a_clock_of_ones_own_is_the_processing_systems(mhz: float, tmp_path: Path) -> None:
    project = qfx.export(small_mlp(), tmp_path / "p", input_shape=(16,), clock_mhz=mhz)
    assert overlay.check(project).problems == ()
    assert f"PL0_REF_CTRL__FREQMHZ {mhz} " in (project.path / "pynq/block_design.tcl").read_text()


def test_a_board_without_processors_has_the_ip_alone(tmp_path: Path) -> None:
    project = qfx.export(small_mlp(), tmp_path / "p", input_shape=(16,), board="arty_a7_100")
    assert not (project.path / "pynq").exists()
    checked = overlay.check(project)
    assert checked.problems == ()
    assert checked.commands > 100


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("ps/pl_clk0", "ps/pl_clk1", "get_bd_pins: ps/pl_clk1 is no pin as ps is set up"),
        (f" [get_bd_pins {DMA}/m_axi_s2mm_aclk]", "", f"nothing drives {DMA}/m_axi_s2mm_aclk"),
        (" [get_bd_pins ps/saxihp0_fpd_aclk]", "", "nothing drives ps/saxihp0_fpd_aclk, a clock"),
        (" [get_bd_pins net_0/aresetn]", "", "nothing drives net_0/aresetn, a resetn"),
        (
            "reset/peripheral_aresetn",
            "reset/peripheral_reset",
            "net_0/aresetn is a resetn, and reset/peripheral_reset a reset",
        ),
        (
            "reset/peripheral_aresetn",
            "ps/pl_resetn0",
            "net_0/aresetn is reset by ps/pl_resetn0, which follows no clock",
        ),
        ("-offset 0xa0010000", "-offset 0xa0000000", "overlap at 0xa0000000"),
        ("-offset 0xa0010000", "-offset 0xa0018000", "is not aligned to its 0x10000 bytes"),
        ("-offset 0xa0010000", "-offset 0xb0000000", "is beyond M_AXI_HPM0_FPD"),
        ("-range 0x10000 ", "-range 0x1000 ", "S_AXI_LITE/Reg has 0x1000 bytes, not 0x10000"),
        ("-range 0x80000000", "-range 0x40000000", "does not reach the 0x80000000 bytes"),
        ("net_0/s_axi_control/reg0", "net_0/s_axi_control/Reg", "net_0 has no segment s_axi_con"),
        (
            "c_m_axis_mm2s_tdata_width 128",
            "c_m_axis_mm2s_tdata_width 64",
            f"{DMA}/M_AXIS_MM2S has 64 bits and net_0/s_axis 128",
        ),
        (
            "c_m_axi_mm2s_data_width 128",
            "c_m_axi_mm2s_data_width 32",
            "the stream of mm2s is wider than its memory port",
        ),
        ("c_mm2s_burst_size 16", "c_mm2s_burst_size 24", "burst_size of axi_dma_0 is 24, not one"),
        (
            "128 CONFIG.c_m_axis_mm2s_tdata_width 128 CONFIG.c_mm2s_burst_size 16",
            "256 CONFIG.c_m_axis_mm2s_tdata_width 128 CONFIG.c_mm2s_burst_size 256",
            "a burst of mm2s has 8192 bytes",
        ),
        ("c_sg_length_width 26", "c_sg_length_width 23", "length register of axi_dma_0 has not 26"),
        ("c_include_sg 0", "c_include_sg 1", "axi_dma_0 is not in simple mode"),
        ("c_include_s2mm 1", "c_include_s2mm 0", f"{DMA}/M_AXI_S2MM is no interface as axi_dma_0"),
        ("c_include_sg", "c_include_scatter", "no property CONFIG.c_include_scatter (PG021)"),
        ("c_addr_width 40", "c_addr_width 32", "fewer than 40 address bits for SAXIGP2/HP0_DDR_H"),
        ("PL0_REF_CTRL__FREQMHZ 100", "PL0_REF_CTRL__FREQMHZ 99", "a clock of 99 MHz, and the"),
        ("PSU__USE__S_AXI_GP2 1", "PSU__USE__S_AXI_GP2 0", "ps/S_AXI_HP0_FPD is no interface"),
        ("PSU__USE__M_AXI_GP1 0 CONFIG.", "", "nothing drives ps/maxihpm1_fpd_aclk, a clock"),
        ("SAXIGP2__DATA_WIDTH 128", "SAXIGP2__DATA_WIDTH 256", "256, not one of 32, 64, 128"),
        ("NUM_SI 2", "NUM_SI 1", "memory/S01_AXI is no interface as memory is set up"),
        ("NUM_SI 2", "NUM_SI 3", "memory/S02_AXI is not connected"),
        ("net_0/s_axis]", "net_0/m_axis]", f"{DMA}/M_AXIS_MM2S and net_0/m_axis are both masters"),
        ("net_0/s_axis]", "net_0/s_axi_control]", "net_0/s_axi_control is connected already"),
        ("control/M01_AXI", "memory/S01_AXI", "are both slaves"),
        ("apply_board_preset \"1\"", "apply_board_preset \"0\"", "ps is not set up by the board's"),
        ("connect_bd_intf_net", "connect_bd_intf_nets", 'invalid command name "connect_bd_intf_n'),
        ("launch_runs synth_1 -jobs", "launch_runs synth_1 -job", "it has no option -job"),
        ("validate_bd_design\n", "", "save_bd_design stands where validate_bd_design should"),
        ("write_bitstream -force", "# ", "block_design.tcl: no net.bit comes out"),
        ("cell qfx:user:net_ip", "cell qfx:user:net", "get_ipdefs: there is no IP qfx:user:net"),
        ("-part xczu3eg", "-part xczu7ev", "create_project: the part is xczu3eg-sbva484-1-i"),
        ("board_part $board_part", "board_part other", "board_part is other, not avnet.com"),
        ("exclude_bd_addr_seg", "assign_bd_address", "reaches ps/SAXIGP2/HP0_LPS_OCM, which is no"),
        ("vivado 2022.1", "vivado 2023.1", "this is Vivado 2022.1, and the block design is writt"),
    ],
)  # fmt: skip
def test_a_wrong_block_design_is_refused(
    old: str, new: str, sentence: str, ultra96: Project, tmp_path: Path
) -> None:
    refused(ultra96, "pynq/block_design.tcl", old, new, sentence, tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("s_axis_tkeep", "s_axis_tkeeps", "infer_bus_interface: net_ip has no port s_axis_tkeeps"),
        (" s_axis_tkeep", "", "infer_bus_interface: s_axis lacks tkeep"),
        ("ipx::infer_bus_interface {aclk}", "# ", "get_bus_interfaces: there is no bus aclk"),
        ("-busif m_axis -clock aclk", "-busif m_axis -clock aresetn", "aresetn is no clock"),
        ("-busif m_axis ", "-busif s_axis ", "package_ip.tcl: m_axis follows no clock"),
        ("ACTIVE_LOW", "ACTIVE_HIGH", "POLARITY of aresetn is not ACTIVE_LOW"),
        ("range 4096", "range 65536", "reg0 is not of 4096 bytes"),
        ("address_offset 0x018", "address_offset 0x010", "register version cannot stand at 0x10"),
        ("address_offset 0x018", "address_offset 0x01a", "register version cannot stand at 0x1a"),
        ("axis_rtl:1.0", "axis:1.0", "axis:1.0 is no bus definition known here"),
        ("ipx::save_core $core\n", "", "the core is not saved whole"),
        ("slave_memory_map_ref s_axi_control", "slave_memory_map_ref other", "has no memory map"),
        ("name net_ip", "name nets", "the IP is not named net_ip"),
        ("*.sv", "net*.sv", "package_ip.tcl: not all of src/"),
        ("set_property usage", "set_property use", "there is no property use"),
    ],
)
def test_a_wrong_package_is_refused(
    old: str, new: str, sentence: str, ultra96: Project, tmp_path: Path
) -> None:
    refused(ultra96, "verilog/package_ip.tcl", old, new, sentence, tmp_path)


def refused(
    project: Project, script: str, old: str, new: str, sentence: str, tmp_path: Path
) -> None:
    """One mistake in a copy of the project's script is told, in that sentence."""
    copy = tmp_path / "copy"
    shutil.copytree(project.path, copy)
    file = copy / script
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    problems = overlay.check(copy).problems
    assert any(sentence in problem for problem in problems), problems
    assert all(
        Path(script).name in problem or "block_design.tcl" in problem for problem in problems
    )


def test_a_core_with_other_ports_is_refused(ultra96: Project, tmp_path: Path) -> None:
    """The scripts are checked against the Verilog, not against what wrote them."""
    copy = tmp_path / "copy"
    shutil.copytree(ultra96.path, copy)
    core = copy / "verilog" / "src" / "net_ip.v"
    text = core.read_text()
    core.write_text(text.replace("wire [127:0] s_axis_tdata", "wire [63:0] s_axis_tdata"))
    assert any("128 bits and net_0/s_axis 64" in p for p in overlay.check(copy).problems)
    core.write_text(text.replace("wire aclk,", "wire aclk, input wire irq,"))
    assert overlay.check(copy).problems[0] == "package_ip.tcl: port irq is in no bus"
    core.unlink()
    with pytest.raises(qfx.synthesis.SynthesisError, match=r"net_ip\.v is missing or has no mod"):
        overlay.check(copy)


def test_a_board_file_with_other_pins_is_refused(ultra96: Project, tmp_path: Path) -> None:
    """A wrong board file makes wrong scripts, which the guides' tables refuse."""
    board = boards.load("ultra96")
    smaller = board.model_copy(
        update={
            "processing_system": board.processing_system.model_copy(update={"low_memory_mib": 512})
        }
    )
    problems = overlay.check(ultra96, smaller).problems
    assert all("does not reach the 0x20000000 bytes" in problem for problem in problems)
    assert len(problems) == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda b: b.pop("board_part"), "a processing_system needs a board_part"),
        (lambda b: b.update(dma_width_bits=96), "dma_width_bits 96 is not a power of two"),
        (
            lambda b: b["processing_system"].update(type="ps9"),
            "system 'ps9' is unknown: use one of",
        ),
        (lambda b: b["processing_system"].update(vivado="new"), "vivado: String should match"),
        (
            lambda b: b["processing_system"].update(low_memory_mib=1536),
            "low_memory_mib 1536 is not a power of two up to 2048, which zynq_ultra_ps_e has",
        ),
        (lambda b: b["processing_system"].update(low_memory_mib=4096), "low_memory_mib 4096 is no"),
    ],
)
def test_a_board_that_can_have_no_overlay_is_refused(
    change: Callable[[dict], object], sentence: str, tmp_path: Path
) -> None:
    content = yaml.safe_load((assets.folder("boards") / "ultra96.yaml").read_text())
    change(content)
    own = tmp_path / "mine.yaml"
    own.write_text(yaml.safe_dump(content))
    with pytest.raises(BoardError, match=sentence):
        boards.load(own)


@pytest.mark.parametrize("script", ["verilog/package_ip.tcl", "pynq/block_design.tcl"])
def test_a_script_that_is_missing_is_named(script: str, ultra96: Project, tmp_path: Path) -> None:
    folder = tmp_path / "net"
    shutil.copytree(ultra96.path, folder)
    (folder / script).unlink()
    with pytest.raises(SynthesisError, match=f"^{script} is missing: export again$"):
        overlay.check(folder)


def test_hardware_cannot_be_called_as_a_dma_is(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'axi_dma' cannot name hardware"):
        qfx.export(small_mlp(), tmp_path / "p", input_shape=(16,), name="axi_dma")


def test_tcl_tells_its_version() -> None:
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?", str(TOOLS["tclsh"].version()))


def test_lists_of_tcl_are_read() -> None:
    assert words('a {b c} "d e" {f {g h}} i\\ j {}') == ["a", "b c", "d e", "f {g h}", "i j", ""]
    with pytest.raises(TclError, match="a brace is not closed"):
        words("{a {b}")
