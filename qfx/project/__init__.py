"""What export leaves, and what simulation and synthesis start from: a folder, its manifest, and
what was found of it since.

Who simulates or measures reads this and nothing of what wrote it.
"""

from qfx.project.findings import Measured, Measurements, Verdict, VerdictRow, state_of
from qfx.project.folder import FINDINGS, MANIFEST, Project, ProjectError
from qfx.project.input_fit import InputFit, SamplesWarning
from qfx.project.manifest import FORMAT_VERSION, LayerRecord, Manifest, PortRecord, StageRecord

__all__ = [
    "FINDINGS",
    "FORMAT_VERSION",
    "MANIFEST",
    "InputFit",
    "LayerRecord",
    "Manifest",
    "Measured",
    "Measurements",
    "PortRecord",
    "Project",
    "ProjectError",
    "SamplesWarning",
    "StageRecord",
    "Verdict",
    "VerdictRow",
    "state_of",
]
