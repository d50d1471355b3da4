"""All addresses, what is there, and who may see it. What is not here is not there."""

from typing import Final

from provision.web.access import Role
from provision.web.pages import (
    audit,
    front,
    health,
    holds,
    login,
    people,
    requests,
    resync,
    runs,
    schedule,
    school,
    school_mend,
    school_rows,
    sessions,
    targets,
)
from provision.web.route import Route
from provision.web.texts import N_
from provision.web.told import PEOPLE, RESYNC

ANYONE: Final = frozenset({Role.ANYONE})
SIGNED_IN: Final = frozenset({Role.SIGNED_IN})
IT: Final = frozenset({Role.IT})
SCHOOLS: Final = frozenset({Role.PRINCIPAL, Role.ADMIN, Role.IT})

ROUTES: Final = (
    Route("/", front.show, SIGNED_IN, menu=N_("Overview")),
    Route("/health", health.show, ANYONE),
    Route("/metrics", health.metrics, ANYONE),
    Route("/login", login.show, ANYONE),
    Route("/login", login.start, ANYONE, "POST", limited=True),
    Route("/login/callback", login.callback, ANYONE, limited=True),
    Route("/login/once", login.once, ANYONE),
    Route("/login/once", login.use_once, ANYONE, "POST", limited=True),
    Route("/logout", login.out, SIGNED_IN, "POST"),
    Route("/language", login.speak, ANYONE, "POST"),
    Route("/schools/{school}", school.show, SCHOOLS),
    Route("/schools/{school}/mend", school_mend.show, SCHOOLS),
    Route("/schools/{school}/rows", school_rows.show, SCHOOLS),
    Route("/schools/{school}/report", school.whole, SCHOOLS),
    Route("/schools/{school}/figures.csv", school.rows, SCHOOLS),
    Route("/schools/{school}/figures.xlsx", school.book, SCHOOLS),
    Route("/people", people.show, PEOPLE, menu=N_("Find a person")),
    Route("/people", people.find, PEOPLE, "POST"),
    Route("/people/{person}", people.person, PEOPLE),
    Route("/resync", resync.choose, RESYNC, menu=N_("Put right")),
    Route("/resync", resync.look, RESYNC, "POST"),
    Route("/resync/preview/{look}", resync.preview, RESYNC),
    Route("/resync/preview/{look}", resync.approve, RESYNC, "POST"),
    Route("/resync/{request}", requests.show, RESYNC),
    Route("/holds", holds.show, RESYNC, menu=N_("Holds")),
    Route("/holds/{hold}/approve", holds.approve, IT, "POST"),
    Route("/holds/{hold}/reject", holds.reject, IT, "POST"),
    Route("/runs", runs.show, IT, menu=N_("Runs")),
    Route("/runs/{run}", runs.one, IT),
    Route("/schedule", schedule.show, IT, menu=N_("Schedule")),
    Route("/targets", targets.show, IT, menu=N_("Targets")),
    Route("/audit", audit.show, IT, menu=N_("Audit trail")),
    Route("/audit", audit.search, IT, "POST"),
    Route("/audit/verify", audit.verify, IT, "POST"),
    Route("/sessions", sessions.show, IT, menu=N_("Logged in")),
    Route("/sessions/{session}/end", sessions.revoke, IT, "POST"),
)
