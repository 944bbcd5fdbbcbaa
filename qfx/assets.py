"""Where the templates and the board files are: beside the package in a checkout, inside it in a
wheel.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder `name` ("hls_templates" or "boards").

    Raises:
        FileNotFoundError: it is in neither place, so the installation is not whole.
    """
    places = (_PACKAGE.parent / name, _PACKAGE / "_assets" / name)
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"{name} is missing from this installation of qfx: install it again")
