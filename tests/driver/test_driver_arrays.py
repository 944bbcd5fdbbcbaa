"""The driver takes the arrays that the golden model takes, by rules written for itself."""

from collections.abc import Callable

import numpy as np
import pytest
from array_cases import CASES, INTEGERS, plain
from driving import opened, same

from qfx.project.folder import Project

X = plain(np.random.default_rng(0).normal(0, 2, (6, 13)))


@pytest.mark.parametrize("case", CASES)
def test_floats(case: str, project_of: Callable[[str], Project]) -> None:
    project = project_of("vector")
    with opened(project) as at:
        found = at.accelerator.predict(CASES[case](X.copy()))
    assert same(found, project.graph().run(CASES[case](X.copy())).to_float())
    assert same(found, project.graph().run(X).to_float())


@pytest.mark.parametrize("kind", INTEGERS)
def test_integers(kind: str, project_of: Callable[[str], Project]) -> None:
    project = project_of("vector")
    x = np.random.default_rng(1).integers(0, 2 if kind == "bool" else 30, (6, 13)).astype(kind)
    with opened(project) as at:
        assert same(at.accelerator.predict(x), project.graph().run(x).to_float())
        if kind != "bool":
            given = (x, x.tolist(), list(x))
            wanted, *found = (at.accelerator.predict_integers(each) for each in given)
            assert all(same(each, wanted) for each in found)
