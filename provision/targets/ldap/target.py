"""A Feide directory on an LDAP server: reads what is ours, writes one entry at a time, overwrites nobody."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from provision.core.dn import or_, present_filter
from provision.core.outcome import Result, Status
from provision.core.plan import Change
from provision.core.ports import Passwords
from provision.core.state import Actual, Fingerprint, Key, Record, Stranger
from provision.directory import Directory, Unwilling
from provision.errors import ChangeRejected, ChangeStale, TargetUnavailable
from provision.formats.entry import STRANGER_ATTRIBUTES, Layout, entry_key, to_stranger, usernames
from provision.targets.ldap.findings import Finding, findings, require
from provision.targets.ldap.known import Known, ids, search
from provision.targets.ldap.writer import Writer

_NAMES: Final = ("uid", "eduPersonPrincipalName")
_UNWILLING_IN_A_ROW: Final = 20


class LdapTarget:
    """Satisfies core.ports.Target. `secret` is the key of the fingerprints that `read` is given."""

    atomic: Final = False
    ours_alone: Final = False

    def __init__(
        self, name: str, directory: Directory, layout: Layout, passwords: Passwords | None = None, secret: bytes = b""
    ) -> None:
        self._name = name
        self._directory = directory
        self._layout = layout
        self._known = Known(directory, layout, secret)
        self._writer = Writer(directory, layout, self._known, passwords)

    @property
    def name(self) -> str:
        return self._name

    @property
    def ambiguous(self) -> Mapping[Key, str]:
        """Records that the latest read found twice or unreadable: they are shown, and only withdrawn."""
        return self._known.ambiguous

    def findings(self) -> list[Finding]:
        """What `doctor` says about this server."""
        return findings(self._directory, self._layout)

    def names(self) -> Mapping[str, Key | None]:
        require(self._directory, self._layout)
        names: dict[str, Key | None] = {}
        wanted = or_(*map(present_filter, _NAMES))
        for _, attributes in search(self._directory, self._layout.base, wanted, ids(self._layout) | {*_NAMES}):
            found = entry_key(attributes, self._layout)
            for name in usernames(attributes):
                names[name] = found[0] if found else names.get(name)
        return names

    def strangers(self) -> Sequence[Stranger]:
        require(self._directory, self._layout)
        wanted = STRANGER_ATTRIBUTES | ids(self._layout)
        entries = search(self._directory, self._layout.base, present_filter("objectClass"), wanted)
        return [s for dn, attributes in entries if (s := to_stranger(dn, attributes, self._layout))]

    def read(self, expected: Mapping[Key, Fingerprint]) -> Actual:
        require(self._directory, self._layout)
        unchanged: set[Key] = set()
        records: dict[Key, Record] = {}
        for record, seen in self._known.everything():
            if expected.get(record.key) == seen:
                unchanged.add(record.key)
            else:
                records[record.key] = record
        return Actual(unchanged, records, dict(self._known.ambiguous))

    def apply(self, changes: Iterable[Change]) -> Iterator[Result]:
        if not self._known.complete:  # who writes must know where everything is
            self.read({})
        unwilling = 0
        for change in changes:
            try:
                self._writer.settle(change)
            except Unwilling as refused:
                unwilling += 1
                if unwilling == _UNWILLING_IN_A_ROW:
                    raise TargetUnavailable(f"{unwilling} refusals in a row, the last: {refused}") from None
                yield Result(change, Status.REJECTED, str(refused))
            except ChangeRejected as rejected:
                yield Result(change, Status.REJECTED, str(rejected))
            except ChangeStale as stale:
                yield Result(change, Status.STALE, str(stale))
            else:
                unwilling = 0
                yield Result(change, Status.DONE)
