"""Files and folders: what is read is believed only as far as it has been checked, what is written
is there whole or not at all.

Readers look at the sizes that a file declares before they take memory for them, and raise Damaged,
whatever it says. They reach numpy, zipfile, yaml and json only with what these handle well.
"""

from qfx.disk.damaged import Damaged, fault, nearby, shown

__all__ = ["Damaged", "fault", "nearby", "shown"]
