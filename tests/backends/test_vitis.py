"""The checks of generated C++ that need no Vitis: pragmas, the ends of streams, the scripts."""

import re
from pathlib import Path

import pytest

import qfx
from models import small_mlp
from qfx import boards
from qfx.backends import vitis
from qfx.backends.vitis.check import DataflowError, check_pragmas, check_streams
from qfx.backends.vitis.types import cpp_type
from qfx.fixedpoint import FixedPointType, Overflow, Rounding
from qfx.hardware import Design, schedule

TOP = """\
void net(hls::stream<A>& s_axis, hls::stream<B>& m_axis) {
#pragma HLS DATAFLOW
  qfx::Stream<T, 2> one("one");
  qfx::Stream<T, 2> two("two");
  qfx::read_port<1>(s_axis, one);
  stage(one, two, weights);
  qfx::write_port<1>(two, m_axis);
}
"""


def design() -> Design:
    return schedule(qfx.lower(small_mlp(), (16,), "net"), boards.load("ultra96"), goal_ii=32)


def test_a_plain_dataflow_body_passes() -> None:
    check_streams(TOP, "net")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "stage(one, two, weights)",
            "stage(one, one, weights)",
            "stream one is .*: it needs one of each",
        ),
        ("  stage(one, two, weights);\n", "", "stream one is written"),
        ("stage(one, two, weights)", "stage(one, three, weights)", "stream three is not declared"),
        ("(two, m_axis)", "(two, s_axis)", "stream s_axis is"),
        ("  stage(", "  if (x) stage(", "is not a call between streams"),
        ('  qfx::Stream<T, 2> one("one");\n', "", "stream one is not declared"),
        ("void net(", "void other(", "net is not defined"),
    ],
)
def test_a_stream_needs_one_producer_and_one_consumer(old: str, new: str, sentence: str) -> None:
    with pytest.raises(DataflowError, match=sentence):
        check_streams(TOP.replace(old, new), "net")


@pytest.mark.parametrize(
    ("pragma", "sentence"),
    [
        ("#pragma HLS PIPLINE II=1", "is no pragma we use"),
        ("#pragma HLS", "is no pragma we use"),
        ("#pragma GCC unroll", "is no pragma we use"),
        ("#pragma HLS PIPELINE II=0", "PIPELINE does not take 'II=0'"),
        ("#pragma HLS PIPELINE II=1", "PIPELINE lacks style"),
        ("#pragma HLS STREAM variable=x", "STREAM lacks depth"),
        ("#pragma HLS STREAM variable=x deep=2", "STREAM does not take 'deep=2'"),
        ("#pragma HLS INTERFACE mode=m_axi port=x", "INTERFACE does not take 'mode=m_axi'"),
        ("#pragma HLS BIND_STORAGE variable=x type=fifo", "BIND_STORAGE lacks impl"),
        ("#pragma HLS BIND_STORAGE variable=x type=fifo impl=ram", "does not take 'impl=ram'"),
        ("#pragma HLS DATAFLOW now", "DATAFLOW does not take 'now'"),
        ("#pragma HLS INLINE off=1", "INLINE does not take 'off=1'"),
    ],
)
def test_a_pragma_that_hls_would_ignore_is_refused(pragma: str, sentence: str) -> None:
    with pytest.raises(DataflowError, match=sentence):
        check_pragmas(f"int x;\n  {pragma}\n", "file")


def test_known_pragmas_pass() -> None:
    pipeline = "#pragma HLS PIPELINE II=1 style=flp\n"
    check_pragmas(f"#pragma once\n#pragma HLS INLINE off\n{pipeline}", "file")


def test_types_are_spelled_as_ap_fixed() -> None:
    assert cpp_type(FixedPointType(8, 3)) == "ap_fixed<8, 5>"
    assert cpp_type(FixedPointType(4, 6, False)) == "ap_ufixed<4, -2>"
    spelled = cpp_type(FixedPointType(8, 9), Rounding.RND_CONV, Overflow.SAT_SYM)
    assert spelled == "ap_fixed<8, -1, AP_RND_CONV, AP_SAT_SYM>"


def test_the_folder_stands_alone(tmp_path: Path) -> None:
    vitis.write(design(), tmp_path)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {
        "src/net.cpp",
        "tb/testbench.cpp",
        "include/ap_fixed.h",
        "build.tcl",
        "Makefile",
    } <= files
    known = {Path(file).name for file in files}
    for file in ("src/net.cpp", "src/net.hpp", "tb/testbench.cpp"):
        included = re.findall(r'#include "(.*)"', (tmp_path / file).read_text())
        assert set(included) <= known
    for script in ("build.tcl", "hls_config.cfg"):
        text = (tmp_path / script).read_text()
        assert "xczu3eg-sbva484-1-i" in text
        assert "10.000" in text
        assert "testbench.cpp" in text
        assert "golden.hex" in text
        assert re.search(r"mul (-impl |impl:)fabric", text)  # an index takes no DSP slice
    config = (tmp_path / "hls_config.cfg").read_text()
    for step in ("csim", "cosim"):
        assert f"\n{step}.argv=../vectors/stimuli.hex ../vectors/golden.hex\n" in config
