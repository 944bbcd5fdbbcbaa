"""Open tools place, route and time a design and each stage alone; what they gave is kept."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import qfx
from models import as_built
from qfx import nn, tools
from qfx.cli import main
from qfx.project.findings import Measurements, state_of
from qfx.project.folder import Project
from qfx.report import page
from qfx.synthesis import SynthesisError
from qfx.synthesis.nextpnr import runs, tasks
from qfx.synthesis.nextpnr.family import ECP5, family_of
from qfx.synthesis.nextpnr.meter import Build, Meter
from qfx.synthesis.nextpnr.netlist import between_registers
from qfx.synthesis.nextpnr.report import read_route
from qfx.synthesis.nextpnr.tasks import Task


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Project:
    torch.manual_seed(0)
    layer = nn.Linear(16, 16, weight=nn.Quantizer(4, 3), output=nn.Quantizer(5, 2))
    model = nn.Sequential(nn.Quantizer(4, 2), layer).eval()
    as_built(model)
    folder = tmp_path_factory.mktemp("nextpnr") / "net"
    return qfx.export(
        model, folder, input_shape=(16,), goal_ii=128, name="net", multipliers="dsp", drive_casts=0
    )


def test_a_design_and_its_stages_are_routed_once_and_shown(
    tiny: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("QFX_CACHE", str(tmp_path / "cache"))
    told = list[tuple[str, int, int]]()
    found = qfx.synth(tiny, lambda *now: told.append(now), tool="nextpnr", seeds=1)
    routing, names = found.routing, [stage.name for stage in tiny.manifest.stages]
    assert routing is not None
    assert [stage.stage for stage in found.stages] == list(routing.stages) == names
    (route,) = routing.whole.routes
    assert routing.fmax_mhz == found.fmax_mhz == route.fmax_mhz
    ns = route.path.logic_ns + route.path.routing_ns
    assert route.fmax_mhz == pytest.approx(1000 / ns, rel=0.01)  # the path is the clock's
    assert set(route.path.stages) <= set(names)
    products = sum(stage.estimate.dsps for stage in tiny.manifest.stages)
    assert products == found.resources.dsps == routing.whole.cells["MULT18X18D"] == 2
    # the whole holds its stages, and is no faster than the slowest of them by much
    alone = routing.fmax_of_stages
    assert list(alone) == sorted(alone, key=lambda name: alone[name])
    assert alone["layer1_matmul"] == min(alone.values()) == pytest.approx(route.fmax_mhz, rel=0.2)
    whole, sums = routing.whole.cells, [routed.cells for routed in routing.stages.values()]
    for kind in ("LUT4", "TRELLIS_FF"):  # frames fill the ports: no lane is left out for no reader
        assert whole[kind] == pytest.approx(sum(cells[kind] for cells in sums), rel=0.1)
    for name, routed in routing.stages.items():
        assert all(route.path.stages == (name,) for route in routed.routes)
    assert routing.stages["layer1_matmul"].routes[0].path.levels == 1  # a multiplier
    assert told[0][0].startswith("reading the design")
    assert {"net, seed 1: placing", "net, seed 1: routing"} <= {step for step, _, _ in told}
    assert told[-1] == (told[-1][0], len(names) + 1, len(names) + 1)

    again = qfx.synth(tiny, tool="nextpnr", seeds=1)
    assert again == replace(found, built=0, seconds=again.seconds)
    kept = Measurements.read(tiny, state_of(tiny))
    assert kept is not None
    assert kept.by_label["nextpnr"].routing == routing
    with pytest.raises(SystemExit) as ended:
        main(["synth", str(tiny.path), "--tool", "nextpnr", "--seeds", "1"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "now: none, the rest as measured before\n" in shown
    rows = [line.split() for line in shown.splitlines()]
    for name, routed in routing.stages.items():
        cells = [f"{count:,}" for count in routed.cells.values()]
        assert any(row[1:5] == cells for row in rows if row and name.startswith(row[0][:8]))
    assert shown.rstrip().splitlines()[-1] == found.verdict()
    html = page.html(tiny)
    assert f"{routing.fmax_mhz:.1f} MHz" in html
    assert route.path.starts in html
    with pytest.raises(SystemExit):
        main(["--json", "synth", str(tiny.path), "--tool", "nextpnr", "--seeds", "1"])
    assert json.loads(capsys.readouterr().out)["routing"] == routing.model_dump(mode="json")


def module(**ports: str) -> dict[str, Any]:
    """A register from input `x` to output `y`, whose other ports do nothing."""
    bits = iter(range(2, 99))
    made = {name: {"direction": way, "bits": [next(bits)]} for name, way in ports.items()}
    cells = {}
    if "clk" in made:
        pins = {"CLK": made["clk"]["bits"], "DI": made["x"]["bits"], "Q": made["y"]["bits"]}
        cells["kept"] = {"type": "TRELLIS_FF", "connections": pins}
    return {"ports": made, "cells": cells}


def test_a_register_stands_outside_every_port_but_the_clock_and_the_reset() -> None:
    before = module(clk="input", rst="input", x="input", y="output")
    after = between_registers(before, ECP5, ["rst"])
    added = {name: cell for name, cell in after["cells"].items() if name != "kept"}
    assert set(added) == {"qfx_port.x[0]", "qfx_port.y[0]"}
    entering, leaving = (added[f"qfx_port.{name}[0]"]["connections"] for name in "xy")
    assert entering["Q"] == before["ports"]["x"]["bits"]
    assert entering["DI"] == after["ports"]["x"]["bits"] != entering["Q"]
    assert leaving["DI"] == before["ports"]["y"]["bits"]
    assert leaving["Q"] == after["ports"]["y"]["bits"] != leaving["DI"]
    assert entering["CLK"] == leaving["CLK"] == after["ports"]["clk"]["bits"]
    assert after["ports"]["rst"] == before["ports"]["rst"]


def test_what_keeps_nothing_is_given_a_clock() -> None:
    after = between_registers(module(x="input", y="output"), ECP5, ["rst"])
    clocks = {tuple(cell["connections"]["CLK"]) for cell in after["cells"].values()}
    assert clocks == {tuple(after["ports"]["clk"]["bits"])}


def test_a_constant_output_needs_no_register() -> None:
    before = module(x="input")
    before["ports"]["y"] = {"direction": "output", "bits": ["0"]}
    after = between_registers(before, ECP5, [])
    assert after["ports"]["y"] == before["ports"]["y"]


def step(kind: str, cell: str, pins: str, to: str, delay: float, **net: str) -> dict[str, Any]:
    into, out = pins.split(">")
    begin, end = {"cell": cell, "port": into}, {"cell": to, "port": out}
    return {"type": kind, "from": begin, "to": end, "delay": delay, **net}


PATH = [
    step("clk-to-q", "u_a.level_TRELLIS_FF_Q_3", "Q>Q", "u_a.level_TRELLIS_FF_Q_3", 0.5),
    step("routing", "u_a.level_TRELLIS_FF_Q_3", "Q>A", "add0", 0.8, net="u_a.level[3]"),
    step("logic", "add0", "A>FCO", "add0", 0.4),
    step("routing", "add0", "FCO>FCI", "add1", 0.0, net="carry"),
    step("logic", "add1", "FCI>F", "add1", 0.5),
    step("routing", "add1", "F>B", "last", 1.1, net="b_out_data[2]"),
    step("logic", "last", "B>F", "last", 0.2),
    step("routing", "last", "F>DI", "u_b.sum_TRELLIS_FF_Q", 0.5, net="sum"),
    step("setup", "u_b.sum_TRELLIS_FF_Q", "DI>DI", "u_b.sum_TRELLIS_FF_Q", 0.0),
]


def test_a_chain_of_carries_is_one_level(tmp_path: Path) -> None:
    edge = {"from": "posedge aclk", "to": "posedge aclk", "path": PATH}
    through = {"from": "<async>", "to": "posedge aclk", "path": PATH[:1]}
    report = {"fmax": {"aclk": {"achieved": 250.0}}, "critical_paths": [through, edge]}
    (tmp_path / "report.json").write_text(json.dumps(report))

    def stage_of(name: str) -> str:
        return {"u_a": "a", "u_b": "b"}.get(name.partition(".")[0], "")

    route = read_route(tmp_path / "report.json", 7, ECP5, stage_of, str)
    assert (route.seed, route.fmax_mhz) == (7, 250)
    assert (route.path.starts, route.path.ends) == ("u_a.level", "u_b.sum")
    assert route.path.levels == 2
    assert (route.path.logic_ns, route.path.routing_ns) == (1.6, 2.4)
    assert route.path.stages == ("a", "b")
    (tmp_path / "report.json").write_text("{}")
    with pytest.raises(SynthesisError, match=r"report\.json is no report of nextpnr"):
        read_route(tmp_path / "report.json", 7, ECP5, stage_of, str)


def test_the_part_of_a_board_is_taken_where_it_is_one_of_the_family() -> None:
    named = ECP5.device("LFE5UM5G-45F-8BG381C")
    assert named.options == ("--um5g-45k", "--package", "CABGA381", "--speed", "8")
    assert named.has["MULT18X18D"] == 72
    usual = ECP5.device("xczu3eg-sbva484-1-i")
    assert usual.options == ("--85k", "--package", "CABGA756", "--speed", "6")
    assert usual.name == "LFE5U-85F, CABGA756, speed grade 6"
    assert family_of("LFE5U-12F-6BG256I") is family_of("xc7a100tcsg324-1") is ECP5


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Shell commands in place of the tools, in the order in which they are run."""
    monkeypatch.setenv("QFX_CACHE", str(tmp_path / "cache"))
    scripts = list[str]()

    def job(
        module: str,
        arguments: tuple[str, ...],
        folder: Path,
        heard: Callable[[str], None],
        ended: Callable[[], None],
    ) -> tools.Job:
        return tools.Job(("sh", "-c", scripts.pop(0)), folder, heard, ended)

    monkeypatch.setattr(runs, "job", job)
    return scripts


def task(what: str, keep: Callable[[Path, Path], None] = lambda folder, target: None) -> Task:
    return Task(what, "test", (what,), "tool", (), dict, keep)


def test_what_a_tool_complains_of_is_told_and_the_rest_is_kept(said: list[str]) -> None:
    one, two = task("layer1, seed 1"), task("layer1, seed 2")
    said += ["echo fine", "echo ERROR: Unable to find legal placement; echo 0 warnings; exit 1"]
    with pytest.raises(SynthesisError) as error:
        tasks.run([one, two], 1, lambda *step: None, "net")
    assert str(error.value) == (
        "layer1, seed 2 of net cannot be done: Unable to find legal placement; what other runs gave"
        " is kept"
    )
    said += ["true"]
    assert tasks.run([one, two], 1, lambda *step: None, "net") == 1  # the other alone
    assert said == []


def test_an_interrupted_run_says_what_is_kept(
    said: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(folder: Path, target: Path) -> None:
        raise KeyboardInterrupt

    def interrupted(*arguments: Any, **options: Any) -> None:
        tasks.run([task("one"), task("two", interrupt)], 1, lambda *step: None, "net")

    said += ["true", "true"]
    monkeypatch.setattr("qfx.report.synthesis.run_synth", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(["synth", "net", "--tool", "nextpnr"])
    assert ended.value.code == 130
    assert capsys.readouterr().err == (
        "qfx: interrupted: 1 of 2 runs are kept, and the same command goes on from there\n"
    )
    said += ["true"]
    assert tasks.run([task("one"), task("two")], 1, lambda *step: None, "net") == 1


def test_what_is_too_large_for_the_device_is_not_routed_and_said(
    said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "version", lambda module: "1")
    cells = {"LUT4": 90_000, "CCU2C": 5, "MULT18X18D": 157, "$scopeinfo": 3}
    netlist = {"modules": {"net": module(clk="input", x="input", y="output")}}
    stat = json.dumps({"design": {"num_cells_by_type": cells}})
    said += [f"echo '{json.dumps(netlist)}' > netlist.json; echo '{stat}' > stat.json"]
    meter = Meter(ECP5, ECP5.device("LFE5U-85F-6BG756C"), "net")
    build = Build("net", "", {}, (), str)
    found, ran = meter.measure({"net": build}, seeds=3)
    assert (found["net"].routes, found["net"].fmax_mhz, ran) == ((), None, 1)
    assert found["net"].refused == (
        "it needs 90,010 LUT4 of 83,640, 157 MULT18X18D of 156 that LFE5U-85F, CABGA756, speed"
        " grade 6 has"
    )


@pytest.mark.long
def test_products_in_luts_stay_there_and_a_larger_design_is_routed(tmp_path: Path) -> None:
    torch.manual_seed(0)
    layer = nn.Linear(16, 12, weight=nn.Quantizer(6, 3), output=nn.Quantizer(6, 2))
    model = nn.Sequential(nn.Quantizer(6, 2), layer).eval()
    as_built(model)
    project = qfx.export(
        model, tmp_path / "p", input_shape=(16,), goal_ii=16, name="net", multipliers="lut"
    )
    found = qfx.synth(project, tool="nextpnr")
    assert found.kept
    assert found.resources.dsps == 0
    assert found.routing is not None
    assert [route.seed for route in found.routing.whole.routes] == [1, 2, 3]
    (project.path / "verilog" / "src" / "qfx_fifo.sv").unlink()
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    with pytest.raises(SynthesisError, match="qfx_fifo"):
        qfx.synth(project, tool="nextpnr")
