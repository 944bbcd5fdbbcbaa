"""Several designs in one Verilator build: compiling is most of what a small design costs."""

import shutil
from pathlib import Path
from typing import Any

from qfx.backends.project import Project
from qfx.simulation.verilator_build import build, open_library

_TOP = """\
// {count} designs on one bus; s_axis_tkeep, which none of them reads, says which is not in reset.
module together (
    input  logic aclk, aresetn,
    input  logic [{width}-1:0] s_axis_tdata,
    input  logic [{width}/8-1:0] s_axis_tkeep,
    input  logic s_axis_tlast, s_axis_tvalid,
    output logic s_axis_tready,
    output logic [{width}-1:0] m_axis_tdata,
    output logic [{width}/8-1:0] m_axis_tkeep,
    output logic m_axis_tlast, m_axis_tvalid,
    input  logic m_axis_tready
);
  wire [{count}-1:0] ready, last, valid;
  wire [{count}*{width}-1:0] data;
  wire [{count}*{width}/8-1:0] keep;
{instances}
  assign s_axis_tready = ready[s_axis_tkeep];
  assign m_axis_tlast = last[s_axis_tkeep];
  assign m_axis_tvalid = valid[s_axis_tkeep];
  assign m_axis_tdata = data[s_axis_tkeep*{width}+:{width}];
  assign m_axis_tkeep = keep[s_axis_tkeep*{width}/8+:{width}/8];
endmodule
"""
_INSTANCE = """\
  {name} u_{name} (
      .aclk(aclk), .aresetn(aresetn && s_axis_tkeep == {n}),
      .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tlast(s_axis_tlast),
      .s_axis_tvalid(s_axis_tvalid && s_axis_tkeep == {n}), .s_axis_tready(ready[{n}]),
      .m_axis_tdata(data[{n}*{width}+:{width}]), .m_axis_tkeep(keep[{n}*{width}/8+:{width}/8]),
      .m_axis_tlast(last[{n}]), .m_axis_tvalid(valid[{n}]), .m_axis_tready(m_axis_tready)
  );
"""


def together(projects: list[Project], folder: Path) -> Any:
    """The designs as one PyVerilator object; `handle.io.s_axis_tkeep = n` selects the n-th.

    Args:
        projects: for boards of one bus width, each with a name of its own.
        folder: to write in.
    """
    source = folder / "verilog" / "src"
    source.mkdir(parents=True)
    for project in projects:
        for file in (project.path / "verilog" / "src").glob("*.sv"):
            shutil.copyfile(file, source / file.name)
    shutil.copytree(projects[0].path / "verilog" / "sim", folder / "verilog" / "sim")
    width = projects[0].manifest.input.width_bits
    instances = "".join(
        _INSTANCE.format(n=n, name=project.manifest.name, width=width)
        for n, project in enumerate(projects)
    )
    text = _TOP.format(count=len(projects), width=width, instances=instances)
    (source / "together.sv").write_text(text)
    manifest = projects[0].manifest.model_copy(update={"name": "together"})
    return open_library(build(Project(folder, manifest)))
