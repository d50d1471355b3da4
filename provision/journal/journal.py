"""The journal: what no target can hold (intents and results, evidence, names, holds and approvals, the audit chain).

Each method is one transaction that is committed when it returns; what cannot be recorded raises JournalError.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self

from provision.core.figures import Coverage, Group
from provision.core.guard import Approval, Hold, Rejection
from provision.core.history import History, Sighting
from provision.core.outcome import Result
from provision.core.plan import Change
from provision.core.relinks import Prints
from provision.core.state import Key
from provision.core.trend import Point
from provision.core.words import Measure, Words
from provision.journal import audit, changes, consent, evidence, figures, ledger, personal, prints, retired, runs, words
from provision.journal import lease as leases
from provision.journal.alerts import Telling
from provision.journal.asked import Asking
from provision.journal.audit_search import AuditSearch, search_audit, search_latest
from provision.journal.changes import ChangeRow
from provision.journal.consent import HoldRow
from provision.journal.erasure import Erasure
from provision.journal.lease import Lease
from provision.journal.progress import Progress
from provision.journal.run_changes import RunChanges
from provision.journal.runs import RunRow
from provision.journal.slots import Slots
from provision.journal.store import Store
from provision.journal.web_sessions import WebSessions
from provision.journal.words import Word


@dataclass(frozen=True, slots=True)
class Journal:
    _store: Store
    _secret_fields: frozenset[str]

    def close(self) -> None:
        self._store.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def lease(self, owner: str, seconds: int = 900) -> Lease:
        """The permission to run. Raises AlreadyRunning while another owner lives; one that died is replaced at once."""
        return leases.take(self._store, owner, seconds)

    # Runs

    def begin(self, job: str, mode: str, day: date, lease: Lease) -> str:
        """A new run's id, as "20261123-0115-ab12". Runs that died are marked so, and what they left open."""
        with self._store.write() as connection:
            run = {"job": job, "mode": mode, "day": day.isoformat()}
            return runs.begin(connection, self._store, run, lease)

    def finish(self, run: str, exit_code: int, summary: Mapping[str, Any]) -> str:
        """The run is over. Returns the head of the audit chain, to be kept elsewhere."""
        with self._store.write() as connection:
            return runs.finish(connection, self._store, run, exit_code, summary)

    def leave(self, run: str, exit_code: int, summary: Mapping[str, Any]) -> None:
        """The run goes before it was done; one that is over stays as it ended."""
        with self._store.write() as connection:
            runs.leave(connection, self._store, run, exit_code, summary)

    def runs(self, limit: int = 20, skip: int = 0) -> list[RunRow]:
        """The latest first, without the first so many."""
        with self._store.read() as connection:
            return runs.latest(connection, self._store, limit, skip)

    def one_run(self, run: str) -> RunRow | None:
        with self._store.read() as connection:
            return runs.one(connection, self._store, run)

    def changes_of(self, run: str) -> RunChanges:
        """What became of the changes of one run."""
        return RunChanges(self._store, run)

    # Changes

    def intend(self, run: str, target: str, changes_: Sequence[Change], lease: Lease) -> None:
        """Commits what is about to be done, if the lease is still ours. Raises AlreadyRunning."""
        with self._store.write() as connection:
            lease.renew(connection)
            changes.intend(connection, self._store, self._secret_fields, (run, target), changes_)

    def settle(self, run: str, target: str, results: Sequence[Result]) -> None:
        """Commits what became of intended changes, since when who is disabled, and whose names have another id now."""
        with self._store.write() as connection:
            changes.settle(connection, self._store, (run, target), results)

    def open_intents(self) -> int:
        """How many changes were intended and have no answer yet."""
        with self._store.read() as connection:
            return changes.count_open(connection)

    def knows_accounts(self, target: str) -> bool:
        """Whether we ever made an account there, as far as this journal remembers."""
        with self._store.read() as connection:
            return changes.knows_accounts(connection, target)

    def last_changes(self, key: Key, limit: int = 10) -> list[ChangeRow]:
        """The latest first, at all targets."""
        with self._store.read() as connection:
            return changes.latest(connection, key, limit)

    # Evidence

    def history(self) -> History:
        with self._store.read() as connection:
            return evidence.history(connection)

    def as_of(self) -> Mapping[str, datetime]:
        """By source, when the content that was last accepted from it was true."""
        with self._store.read() as connection:
            return evidence.as_of(connection)

    def remember(
        self, sightings: Mapping[Key, Sighting], as_of: Mapping[str, datetime], sizes: Mapping[str, int] | None = None
    ) -> None:
        """Adds to the history; what is not mentioned stays as it is."""
        with self._store.write() as connection:
            evidence.remember(connection, sightings, as_of, sizes or {})

    def note_disabled(self, target: str, since: Mapping[Key, date]) -> None:
        """Accounts found locked out at a target; where it is known since when, that stays."""
        with self._store.write() as connection:
            evidence.note_disabled(connection, target, since)

    def forget_disabled(self, target: str, keys: Iterable[Key]) -> None:
        """Accounts found active, or gone, at a target."""
        with self._store.write() as connection:
            evidence.forget_disabled(connection, target, keys)

    # Who is known again

    def keyed(self, text: str) -> str:
        """A hash that only this site can make, so that nothing can be looked up with it elsewhere."""
        return prints.keyed(self._store, text)

    def prints(self) -> Mapping[str, Prints]:
        """By id, what everybody ever seen is known by."""
        with self._store.read() as connection:
            return prints.stored(connection)

    def remember_prints(self, known: Mapping[str, Prints]) -> None:
        """Adds to them; what is not said of somebody any more stays."""
        with self._store.write() as connection:
            prints.remember(connection, known)

    # Usernames

    def usernames(self) -> Mapping[str, str]:
        """Every name ever reserved, in lower case, with the id of the one person it belongs to for ever."""
        with self._store.read() as connection:
            return ledger.usernames(connection)

    def reserve(self, names: Mapping[str, str]) -> None:
        """Gives names to ids, all or none. Raises JournalError where a name is somebody else's."""
        with self._store.write() as connection:
            ledger.reserve(connection, self._store, names)

    def returning(self, ids: Iterable[str]) -> Mapping[str, str]:
        """The usernames that those of these ids had who are forgotten, each with the id."""
        with self._store.read() as connection:
            return retired.returning(connection, self._store, ids)

    def is_retired(self) -> Callable[[str], bool]:
        """Says of a username whether it was that of somebody who is forgotten: it is never given again."""
        with self._store.read() as connection:
            return retired.is_retired(connection, self._store)

    def follow(self, moved: Mapping[Key, Key]) -> None:
        """Accounts found under other ids: names and sightings follow, where a run died before it recorded that."""
        with self._store.write() as connection:
            ledger.follow(connection, self._store, moved)

    # Holds, approvals, decisions

    def save_holds(self, run: str, target: str, holds: Sequence[Hold]) -> None:
        """These are the target's holds now; those that were held before keep their first-seen time."""
        with self._store.write() as connection:
            consent.save_holds(connection, self._store, run, target, holds)

    def holds(self) -> list[HoldRow]:
        with self._store.read() as connection:
            return consent.holds(connection)

    def approve(self, hold_id: str, approver: str, reason: str, expires: datetime) -> Approval:
        """A yes, which takes back a no. Raises UsageError, with the ids that exist, where nothing is held as this."""
        with self._store.write() as connection:
            return consent.approve(connection, self._store, hold_id, (approver, reason, expires))

    def reject(self, hold_id: str, refusal: Rejection) -> Hold:
        """A person's no, which takes back what was said yes to; the hold with it. Raises UsageError as `approve`."""
        with self._store.write() as connection:
            return consent.reject(connection, self._store, hold_id, refusal)

    def rejections(self) -> Mapping[str, Rejection]:
        """By hold, the noes that stand: each as long as the hold is the same."""
        with self._store.read() as connection:
            return consent.rejections(connection)

    def say_yes(self, approval: Approval) -> Approval:
        """A person's yes to what is no hold but proposed to them whole; as it is read back."""
        with self._store.write() as connection:
            return consent.say_yes(connection, self._store, approval)

    def approvals(self, now: datetime) -> tuple[Approval, ...]:
        """Those that are neither expired nor used up."""
        with self._store.read() as connection:
            return consent.approvals(connection, now)

    def use_up(self, run: str, hold_ids: Iterable[str]) -> None:
        """What these approvals allowed has been carried out; they allow nothing more."""
        with self._store.write() as connection:
            consent.use_up(connection, self._store, run, hold_ids)

    def decide(self, subject: str, verdict: str, by: str) -> None:
        """A fact that a person settled; the latest word on a subject counts."""
        with self._store.write() as connection:
            consent.decide(connection, self._store, subject, verdict, by)

    def decide_all(self, verdicts: Mapping[str, str], by: str) -> None:
        """Several facts that a person settled at once: all of them, or none."""
        with self._store.write() as connection:
            for subject, verdict in verdicts.items():
                consent.decide(connection, self._store, subject, verdict, by)

    def decided_by_people(self) -> frozenset[str]:
        """The subjects that a person, and neither a source nor a run, has settled."""
        with self._store.read() as connection:
            return consent.decided_by_people(connection)

    def decisions(self) -> Mapping[str, str]:
        with self._store.read() as connection:
            return consent.decisions(connection)

    def say(self, measure: Measure, person: str, *, begins: bool, by: str, reason: str) -> None:
        """From now on this is to be done with a person, or no longer. Nobody without the secret reads of whom it is."""
        with self._store.write() as connection:
            words.say(connection, self._store, measure, person, (begins, by, reason))

    def words(self) -> Words:
        """What is to be done now, with whom."""
        with self._store.read() as connection:
            return words.standing(connection, self._store)

    def words_of(self, measure: Measure) -> list[Word]:
        """Those of this measure that stand, the oldest first: of whom, since when, by whom and why."""
        with self._store.read() as connection:
            return words.standing_of(connection, self._store, measure)

    # Figures

    def remember_figures(self, coverage: Coverage) -> None:
        """The counts of one day, replacing those that were stored of it; days may come in any order."""
        with self._store.write() as connection:
            figures.remember(connection, coverage)

    def last_figures(self, day: date) -> Coverage | None:
        """Everything as it was on the last counted day up to this one."""
        with self._store.read() as connection:
            return figures.last(connection, day)

    def trends(self, groups: Iterable[Group], since: date, most: int = 0) -> Mapping[Group, tuple[Point, ...]]:
        """Each group's figures on the days that were counted from then on; of more than `most`, if any, on so many."""
        with self._store.read() as connection:
            return figures.trends(connection, groups, since, most)

    def erasure(self) -> Erasure:
        """What finds and erases people, and what is over, in this journal."""
        return Erasure(self._store)

    def about(self, ids: Set[str]) -> Mapping[str, list[dict[str, Any]]]:
        """By table every row about these people, and where else they are named."""
        with self._store.read() as connection:
            return personal.about(connection, self._store, ids)

    def slots(self) -> Slots:
        """What of the schedule was done."""
        return Slots(self._store)

    def progress(self) -> Progress:
        """How far what is at work has come."""
        return Progress(self._store)

    def web_sessions(self) -> WebSessions:
        """Who is logged in to the pages."""
        return WebSessions(self._store)

    def asking(self) -> Asking:
        """What was asked for by hand, and what became of it."""
        return Asking(self._store)

    def telling(self, job: str) -> Telling:
        """Which conditions of a job were told to somebody."""
        return Telling(self._store, job)

    # Audit

    def audit_head(self) -> str:
        """The end of the audit chain, to be kept elsewhere."""
        with self._store.read() as connection:
            return audit.head(connection)

    def audit_records(self, person: str = "", run: str = "", since: date | None = None) -> AuditSearch:
        """What the audit chain says of a person (by id), of a run, since a day; of all where neither is named."""
        with self._store.read() as connection:
            return search_audit(connection, person, run, since)

    def latest_audit_records(
        self, person: str, run: str, since: date | None, *, before: int | None, most: int
    ) -> AuditSearch:
        """The same, the latest first: so many at most, of those before one record."""
        with self._store.read() as connection:
            return search_latest(connection, person, run, since, before, most)

    def verify_audit(self, *known_heads: str) -> str | None:
        """None, or where the chain breaks. Records cut off its end show only against heads kept elsewhere."""
        with self._store.read() as connection:
            return audit.first_break(connection, self._store.secret, *known_heads)
