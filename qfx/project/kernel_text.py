"""How a project's C++ is read again: its streams, their depths, and the calls between them."""

from __future__ import annotations

import re

# A stage of a dataflow region: a function, its template arguments, and its streams and tables.
CALL = re.compile(r"  ([\w:]+)(?:<[^()]*>)?\((\w+(?:, \w+)+)\);")
STREAM = re.compile(r'^  (qfx::Stream<.*> (\w+))\("\w+"\);$', re.MULTILINE)
DEPTH = re.compile(r"^#pragma HLS STREAM variable=(\w+) depth=(\d+)$", re.MULTILINE)
