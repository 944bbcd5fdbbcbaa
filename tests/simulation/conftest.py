"""One exported project that every test here may copy, never change."""

import numpy as np
import pytest

import qfx
from models import small_mlp
from qfx.project.folder import Project


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    samples = np.random.default_rng(0).normal(0, 3, (50, 16))
    folder = tmp_path_factory.mktemp("project") / "net"
    return qfx.export(small_mlp(), folder, samples=samples, goal_ii=32, name="net")
