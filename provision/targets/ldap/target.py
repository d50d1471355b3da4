"""A Feide directory on an LDAP server: reads what is ours, writes one entry at a time, overwrites nobody."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from provision.core.dn import present_filter
from provision.core.outcome import Result, Status
from provision.core.plan import Change
from provision.core.ports import Passwords
from provision.core.state import Actual, Fingerprint, Key, Stranger
from provision.directory import Directory, NoSuchEntry, Unwilling
from provision.errors import ChangeRejected, ChangeStale, TargetUnavailable
from provision.formats.entry import Layout, Standing, standing
from provision.targets.ldap.findings import Finding, findings
from provision.targets.ldap.known import Known, ids
from provision.targets.ldap.sweep import Sweep, sweep
from provision.targets.ldap.writer import Writer

_UNWILLING_IN_A_ROW: Final = 20


class LdapTarget:
    """Satisfies core.ports.Target. `secret` is the key of the fingerprints that `read` is given.

    Reading everything is what a quiet night costs, so it is done once: `names` does it, `strangers` shares what was
    found, `read` uses it up. What others change in between is seen as what they change between `read` and `apply` is:
    by the server, which is given the version that we know with each write, or by one more look where it cannot tell.
    """

    atomic: Final = False
    ours_alone: Final = False

    def __init__(
        self, name: str, directory: Directory, layout: Layout, passwords: Passwords | None = None, secret: bytes = b""
    ) -> None:
        self._name = name
        self._directory = directory
        self._layout = layout
        self._known = Known(directory, layout, secret)
        self._swept: Sweep | None = None
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

    def entries(self, attributes: frozenset[str]) -> Iterator[Standing]:
        """Every entry below the base, whosoever it is, with these attributes; for looking at only."""
        asked = sorted(attributes | ids(self._layout) | {"objectClass", self._layout.lock[0]})
        try:
            for dn, held in self._directory.search(self._layout.base, present_filter("objectClass"), asked):
                yield standing(dn, held, self._layout)
        except NoSuchEntry:
            nothing = (
                f"it holds nothing at {self._layout.base}, or shows us nothing there; see the base in the settings"
            )
            raise TargetUnavailable(f"{self._directory}: {nothing}") from None

    def names(self) -> Mapping[str, Key | None]:
        """Begins anew: whatever was read before no longer counts."""
        self._swept = None
        return self._sweep().names

    def strangers(self) -> Sequence[Stranger]:
        return self._sweep().strangers

    def read(self, expected: Mapping[Key, Fingerprint]) -> Actual:
        found, self._swept = self._sweep().records, None
        seen = self._known.read
        unchanged = {key for key in found if seen[key][1] == expected.get(key)}
        records = {key: record for key, record in found.items() if key not in unchanged}
        return Actual(unchanged, records, dict(self._known.ambiguous))

    def _sweep(self) -> Sweep:
        if self._swept is None:
            self._swept = sweep(self._directory, self._layout, self._known)
        return self._swept

    def apply(self, changes: Iterable[Change]) -> Iterator[Result]:
        self._swept = None
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
