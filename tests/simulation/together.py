"""Several designs in one Verilator build: compiling is most of what a small design costs."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qfx
from qfx.backends.project import Project
from qfx.simulation import verilator
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


def prove(projects: list[Project], folder: Path) -> None:
    """Every simulator gives the golden integers, the RTL in as many cycles as predicted.

    Torch where it was recorded, csim and, where it has the modes, QONNX of each project; then all
    of them in one Verilator build, unstalled and stalled, frames back to back, each after a reset
    in mid-frame.
    """
    for project in projects:
        names = ["golden", "csim"]
        if (project.path / "vectors" / "torch.npy").exists():
            names.append("torch")
        if not project.manifest.qonnx_refused:
            names.append("qonnx")
        result = qfx.cosim(project, names)
        assert result.equal, result.verdict()
    handle = together(projects, folder)
    for number, project in enumerate(projects):
        _prove_rtl(project, handle, number)


def _prove_rtl(project: Project, handle: Any, number: int) -> None:
    stimuli, golden = project.vectors("stimuli"), project.vectors("golden")
    for percent in (0, verilator.STALL_PERCENT):
        _send_part_of_a_frame(handle, number, seed=number + percent)
        outcome = verilator.simulate(project, stimuli, percent, handle=handle)
        np.testing.assert_array_equal(outcome.integers, golden)
        if not percent:
            predicted = project.manifest.prediction.initiation_interval
            assert outcome.cycles_per_frame == pytest.approx(predicted, rel=0.02)  # not integers


def _send_part_of_a_frame(handle: Any, number: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    handle.io.s_axis_tkeep = number
    handle.io.aresetn, handle.io.s_axis_tvalid, handle.io.m_axis_tready = 1, 1, 1
    for _ in range(int(generator.integers(1, 60))):
        handle.io.s_axis_tdata = int(generator.integers(0, 1 << 32))
        handle.clock.tick()
