"""One wrong edit of a driver: what it predicts, or refuses, shows it."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from driving import floats, opened, same

from qfx.ir.several import alone
from qfx.project.folder import Project

MUTANTS = {
    "input order": ("image", r"flat\[:, self\.index\]$", "flat"),
    "output order": ("image", r"flat\[:, self\.index\] = buffer", "flat[:] = buffer"),
    "a loop's stride": ("image", r"order=\(\(20, 1\), \(3, 20\)\)", "order=((20, 3), (3, 1))"),
    "order in a text": ("transposed", r"(np\.array\(self\.order[^\n]*)\n", r"\1.argsort()\n"),
    "padding before": ("vector", r"buffer\[: len\(flat\), : flat\.shape\[1\]\]",
                       "buffer[: len(flat), -flat.shape[1] :]"),
    "padding kept": ("vector", r"buffer\[:count, : flat\.shape\[1\]\]",
                     "buffer.reshape(-1)[: count * flat.shape[1]].reshape(count, -1)"),
    "rounding": ("vector", r'"RND": lambda x: .*?,\n', '"RND": np.rint,\n'),
    "rounding to zero": ("image", r"is_half\(x\), np\.trunc\(x\), ", "is_half(x), np.rint(x), "),
    "rounding away": ("wide", r"np\.trunc\(x\) \+ np\.copysign\(1, x\)", "np.trunc(x) + 1"),
    "rounding down": ("fractions", r"== -0\.5\)", "== 0.5)"),
    "truncation": ("vector", r'rounding="RND"', 'rounding="TRN"'),
    "saturation": ("vector", r'overflow="SAT"', 'overflow="SAT_ZERO"'),
    "wrapping": ("image", r"\^ sign\) - sign", "^ sign)"),
    "saturation to zero": ("fractions", r"\| \(rounded > high\), 0,", ", 0,"),
    "bytes that do not fit": ("pixels", r"low <= own\.min and own\.max <= high", "True"),
    "input point": ("vector", r"fraction_bits=3", "fraction_bits=2"),
    "output point": ("vector", r"fraction_bits=4", "fraction_bits=5"),
    "unsigned memory": ("vector", r'memory="<i1"(.*)memory="<i1"', r'memory="<i1"\1memory="<u1"'),
    "other byte order": ("image", r'memory="<i2"', 'memory=">i2"'),
    "cache not invalidated": ("vector", r"channel\.wait\(\)  # .*?\n", "pass\n"),
    "cache not flushed": ("vector", r"buffer\.flush\(\)", "pass"),
    "old packets": ("vector", r'self\._core\.write\(REGISTERS\["frames_per_packet"\], frames\)',
                    "pass"),
    "too few bytes": ("vector", r"\(buffer, 0, frames \* port\.frame_bytes\)",
                      "(buffer, 0, frames * port.frame_bytes - 8)"),
    "a batch's end": ("vector", r"in range\(0, count,", "in range(0, count - 1,"),
    "outputs exchanged": ("apart", r"== 1 else outputs", "== 1 else outputs[::-1]"),
    "ports of one DMA": ("apart", r'\["axi_dma_%d" % k', '["axi_dma_0"'),
    "no order of ports": ("apart", r"zip\(INPUTS, sent, given\)", "zip(INPUTS, sent, given[::-1])"),
}  # fmt: skip


def caught(project: Project) -> bool:
    data = floats(project, 31)
    whole = tuple(np.rint(x).astype(np.int64) for x in data)
    try:
        with opened(project, memory_bytes=500, timeout_s=0.2) as at:
            for given in (data, whole):
                wanted = alone([output.to_float() for output in project.graph().run_all(*given)])
                if not same(at.accelerator.predict(*given), wanted):
                    return True
    except (RuntimeError, ValueError, AssertionError, IndexError):
        return True
    return False


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_driver_is_caught(
    name: str, project_of: Callable[[str], Project], tmp_path: Path
) -> None:
    model, pattern, replacement = MUTANTS[name]
    project = project_of(model)
    shutil.copytree(project.path, tmp_path / "p")
    file = tmp_path / "p" / "pynq" / "driver.py"
    text = file.read_text()
    changed = re.sub(pattern, replacement, text, count=1, flags=re.DOTALL | re.MULTILINE)
    assert changed != text, "the mutation found nothing to change"
    assert not caught(project)
    file.write_text(changed)
    assert caught(Project.open(tmp_path / "p"))
