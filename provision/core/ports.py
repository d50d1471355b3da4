"""The ports: what the pipeline needs of a source and of a target, and nothing else.

Every implementation passes the contract suite of its port (tests/contract).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from provision.core.devices import Stocktake
from provision.core.extract import Extract
from provision.core.outcome import Result
from provision.core.plan import Change
from provision.core.state import Actual, Fingerprint, Key, Stranger


class Source(Protocol):
    @property
    def name(self) -> str: ...

    def read(self) -> Extract:
        """Everything, or SourceError; never part of a roster as if it were whole."""
        ...


class Inventory(Protocol):
    @property
    def name(self) -> str: ...

    def read(self) -> Stocktake:
        """Everything, or SourceError; never part of an inventory as if it were whole."""
        ...


class Target(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def atomic(self) -> bool:
        """Whether `apply` writes all that it is given as one, so that it is given everything at once.

        It comes in the order of a plan, but within a stage in whatever order: a record may name one that comes later.
        """
        ...

    @property
    def ours_alone(self) -> bool:
        """Whether nobody else keeps anything there: then no name can be taken by others, and there are no strangers."""
        ...

    def names(self) -> Mapping[str, Key | None]:
        """Every username present there, lower case, with the key of the account that has it; None where not ours."""
        ...

    def read(self, expected: Mapping[Key, Fingerprint]) -> Actual:
        """Only what we manage: the fields that the mapping names, of the records that carry our id.

        Raises TargetUnavailable.
        """
        ...

    def strangers(self) -> Sequence[Stranger]:
        """Accounts and orgs that carry no id of ours, to be adopted or left alone; none where all is ours."""
        ...

    def apply(self, changes: Iterable[Change]) -> Iterator[Result]:
        """One Result per change taken, in any order. Taking a change is the permission to write it.

        Each change may be carried out twice with the same end state. A lost reply is settled by reading back.
        What a record names must be there, or the change is REJECTED with the key that is missing; only accounts that
        are not there are left out, and `detail` says how many. Whoever goes is named by nobody any more, whoever is
        disabled is in no group, and what is still named (save an account) is not deleted. A Rekey is followed by all
        that names the record. What is written once stays, no two accounts get one username, and what somebody else
        changed since it was read is STALE.
        Raises TargetUnavailable; what was taken and not answered is then unknown.
        """
        ...


class Passwords(Protocol):
    def first(self, key: Key) -> str | None:
        """The password a new account starts with, already handed over; None where it gets none."""
        ...
