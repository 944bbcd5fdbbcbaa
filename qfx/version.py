"""The version of QFX, for whoever writes it down; also `qfx.__version__`."""

VERSION = "0.1.0"
