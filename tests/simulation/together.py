"""Several designs in one Verilator build: compiling is most of what a small design costs."""

import ctypes
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qfx
from qfx.ir.several import each_of
from qfx.project import Project
from qfx.project.testbench import hold_turns
from qfx.simulation.rtl import verilator
from qfx.simulation.rtl.batch import Batch, Library
from qfx.simulation.rtl.build import build

_TOP = """\
// {count} designs on one bus; +chosen=N says which is not in reset.
module together (
    input  logic aclk, aresetn,
{ports}
);
  int chosen = 0;
  initial void'($value$plusargs("chosen=%d", chosen));
{wires}
{instances}
{chosen}
endmodule
"""
_INPUT = """\
    input  logic [{width}-1:0] {port}_tdata,
    input  logic [{width}/8-1:0] {port}_tkeep,
    input  logic {port}_tlast, {port}_tvalid,
    output logic {port}_tready"""
_OUTPUT = """\
    output logic [{width}-1:0] {port}_tdata,
    output logic [{width}/8-1:0] {port}_tkeep,
    output logic {port}_tlast, {port}_tvalid,
    input  logic {port}_tready"""
_INPUT_WIRES = "  wire [{count}-1:0] {port}_r;"
_OUTPUT_WIRES = """\
  wire [{count}-1:0] {port}_l, {port}_v;
  wire [{count}*{width}-1:0] {port}_d;
  wire [{count}*{width}/8-1:0] {port}_k;"""
_INPUT_ENDS = """\
      .{own}_tdata({port}_tdata), .{own}_tkeep({port}_tkeep), .{own}_tlast({port}_tlast),
      .{own}_tvalid({port}_tvalid && chosen == {n}), .{own}_tready({port}_r[{n}])"""
_OUTPUT_ENDS = """\
      .{own}_tdata({port}_d[{n}*{width}+:{width}]),
      .{own}_tkeep({port}_k[{n}*{width}/8+:{width}/8]),
      .{own}_tlast({port}_l[{n}]), .{own}_tvalid({port}_v[{n}]), .{own}_tready({port}_tready)"""
_CHOSEN_INPUT = "  assign {port}_tready = {port}_r[chosen];"
_CHOSEN_OUTPUT = """\
  assign {port}_tlast = {port}_l[chosen];
  assign {port}_tvalid = {port}_v[chosen];
  assign {port}_tdata = {port}_d[chosen*{width}+:{width}];
  assign {port}_tkeep = {port}_k[chosen*{width}/8+:{width}/8];"""


def _top(projects: list[Project], inputs: list[str], outputs: list[str]) -> str:
    """All designs beside one another, their n-th ports on the n-th of the top's."""
    width = projects[0].manifest.input.width_bits
    common = {"width": width, "count": len(projects)}

    def each(of_input: str, of_output: str, between: str = "\n", **given: Any) -> str:
        made = [of_input.format(port=port, **common, **given) for port in inputs]
        made += [of_output.format(port=port, **common, **given) for port in outputs]
        return between.join(made)

    def instance(n: int, project: Project) -> str:
        name, manifest = project.manifest.name, project.manifest
        ends = [
            text.format(own=own.name, port=port, n=n, **common)
            for text, ports, owned in (
                (_INPUT_ENDS, inputs, manifest.inputs),
                (_OUTPUT_ENDS, outputs, manifest.outputs),
            )
            for port, own in zip(ports, owned, strict=False)
        ]
        reset = f".aresetn(aresetn && chosen == {n})"
        return f"  {name} u_{name} (\n      .aclk(aclk), {reset},\n" + ",\n".join(ends) + "\n  );"

    return _TOP.format(
        ports=each(_INPUT, _OUTPUT, ",\n"),
        wires=each(_INPUT_WIRES, _OUTPUT_WIRES),
        instances="\n".join(instance(n, project) for n, project in enumerate(projects)),
        chosen=each(_CHOSEN_INPUT, _CHOSEN_OUTPUT),
        **common,
    )


def _names(side: str, projects: list[Project]) -> list[str]:
    """Of as many ports as the design that has most."""
    count = max(len(getattr(project.manifest, f"{side}puts")) for project in projects)
    stem = "s_axis" if side == "in" else "m_axis"
    return [stem] if count == 1 else [f"{stem}_{n}" for n in range(count)]


def together(projects: list[Project], folder: Path) -> Library:
    """The designs as one library; of a model the plusarg "chosen" names one by its number.

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
    inputs, outputs = _names("in", projects), _names("out", projects)
    (source / "together.sv").write_text(_top(projects, inputs, outputs))
    manifest = projects[0].manifest
    records = {
        "inputs": tuple(manifest.input.model_copy(update={"name": name}) for name in inputs),
        "outputs": tuple(manifest.output.model_copy(update={"name": name}) for name in outputs),
    }
    manifest = manifest.model_copy(update={"name": "together", **records})
    return Library(ctypes.CDLL(str(build(Project(folder, manifest)))))


def prove(projects: list[Project], folder: Path) -> None:
    """Every simulator gives the golden integers, the RTL in as many cycles as predicted, a frame
    alone and frames back to back.

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
    prove_rtl(projects, folder)


def prove_rtl(projects: list[Project], folder: Path) -> None:
    """Of `prove` the part that is one Verilator build."""
    library = together(projects, folder)
    for number, project in enumerate(projects):
        with library.model(f"+chosen={number}") as model:
            _prove_rtl(project, library, model, number)


def _prove_rtl(project: Project, library: Library, model: int, seed: int) -> None:
    stimuli, golden = project.vectors("stimuli"), project.batches("golden")
    predicted = project.manifest.prediction
    cuts = np.random.default_rng(seed).integers(1, predicted.latency_cycles + 1, 2)
    turns = hold_turns(len(project.manifest.inputs), len(project.manifest.outputs))
    for percent, cut in zip((0, verilator.STALL_PERCENT), cuts.tolist(), strict=True):
        holds = verilator.holds_of(turns, 1, 0) if percent else (0, 0)
        batch = Batch(project, stimuli, percent, 1 + seed, cut, False, *holds)
        verilator.run_batch(project, library, model, batch)
        for found, wanted in zip(each_of(batch.integers()), golden, strict=True):
            np.testing.assert_array_equal(found, wanted)
        if not percent:
            pace = batch.cycles_per_frame()
            assert pace == pytest.approx(predicted.initiation_interval, rel=0.02)  # not integers
            latency = pytest.approx(predicted.latency_cycles, rel=0.1, abs=12)
            assert batch.latency_cycles() == latency
