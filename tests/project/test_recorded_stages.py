"""Stages that are laid out anew are those that were recorded, or exporting again is asked for."""

from dataclasses import replace
from pathlib import Path

import pytest

import qfx
from models import small_mlp
from qfx.project import Project, ProjectError, StageRecord


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("stages") / "net"
    return qfx.export(small_mlp(), folder, input_shape=(16,), goal_ii=64, name="net")


def with_stages(project: Project, stages: tuple[StageRecord, ...]) -> Project:
    return replace(project, manifest=project.manifest.model_copy(update={"stages": stages}))


@pytest.mark.parametrize(
    ("field", "value"),
    [("cycles", 7), ("kind", "fork"), ("layer", "another"), ("output", "3 x fixed<9,3>")],
)
def test_a_stage_that_would_be_built_otherwise_is_an_error(
    project: Project, field: str, value: object
) -> None:
    assert [stage.name for stage in project.stages()] == [s.name for s in project.manifest.stages]
    first, second, *others = project.manifest.stages
    other = with_stages(project, (first, second.model_copy(update={field: value}), *others))
    with pytest.raises(ProjectError) as raised:
        other.stages()
    assert str(raised.value).endswith(
        f"net/qfx.json: stage '{second.name}' is not laid out as it was recorded, by another"
        " version of qfx or changed since: export again"
    )


def test_a_stage_too_many_or_too_few_is_an_error(project: Project) -> None:
    stages = project.manifest.stages
    extra = stages[-1].model_copy(update={"name": "extra"})
    for recorded, named in ((stages[:-1], stages[-1].name), ((*stages, extra), "extra")):
        with pytest.raises(ProjectError, match=rf"stage '{named}' is not laid out as it was rec"):
            with_stages(project, recorded).stages()


def test_what_formulas_say_of_a_stage_may_change(project: Project) -> None:
    first, *others = project.manifest.stages
    cheaper = first.model_copy(update={"estimate": first.estimate + first.estimate})
    stages = with_stages(project, (cheaper, *others)).stages()
    assert [stage.name for stage in stages] == [s.name for s in project.manifest.stages]


def test_an_open_project_is_opened_as_itself(project: Project, tmp_path: Path) -> None:
    assert Project.open(project) is project
    assert Project.open(str(project.path)) == project
