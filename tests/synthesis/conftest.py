"""One exported project that every test here may copy, never change."""

from collections.abc import Callable

import pytest

import qfx
from models import small_mlp
from qfx.project.folder import Project


@pytest.fixture(scope="session")
def yosys_is_here(require_tool: Callable[[str], None]) -> None:
    require_tool("yosys")


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """With a DSP slice for each product."""
    folder = tmp_path_factory.mktemp("synthesis") / "net"
    return qfx.export(
        small_mlp(), folder, input_shape=(16,), goal_ii=32, name="net", multipliers="dsp"
    )
