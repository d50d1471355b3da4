"""What a command will ask, so that only what it needs must be set up."""

from enum import Flag, auto


class Asks(Flag):
    """A night asks the SIS and the targets, a count the SIS and the inventories; neither waits for more."""

    NOTHING = 0
    SIS = auto()
    TARGETS = auto()
    INVENTORIES = auto()
    NIGHT = SIS | TARGETS
    COUNT = SIS | INVENTORIES
    EVERYTHING = SIS | TARGETS | INVENTORIES
