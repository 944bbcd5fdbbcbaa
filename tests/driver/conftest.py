"""Projects that every test here may use, never change."""

from collections.abc import Callable

import pytest
from driven_models import exported

from qfx.project.folder import Project


@pytest.fixture(scope="session")
def project_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Project]:
    """A function that gives the project of a model of `driven_models`."""
    folder, made = tmp_path_factory.mktemp("driven"), dict[str, Project]()

    def project(name: str) -> Project:
        if name not in made:
            made[name] = exported(name, folder)
        return made[name]

    return project
