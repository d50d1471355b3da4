"""All addresses, what is there, and who may see it. What is not here is not there."""

from typing import Final

from provision.web.access import Role
from provision.web.pages import front, health, login, school, sessions
from provision.web.route import Route
from provision.web.texts import N_

ANYONE: Final = frozenset({Role.ANYONE})
SIGNED_IN: Final = frozenset({Role.SIGNED_IN})
IT: Final = frozenset({Role.IT})
SCHOOLS: Final = frozenset({Role.PRINCIPAL, Role.ADMIN, Role.IT})

ROUTES: Final = (
    Route("/", front.show, SIGNED_IN, menu=N_("Overview")),
    Route("/health", health.show, ANYONE),
    Route("/metrics", health.metrics, ANYONE),
    Route("/login", login.show, ANYONE),
    Route("/login", login.start, ANYONE, "POST"),
    Route("/login/callback", login.callback, ANYONE),
    Route("/login/once", login.once, ANYONE),
    Route("/login/once", login.use_once, ANYONE, "POST"),
    Route("/logout", login.out, SIGNED_IN, "POST"),
    Route("/language", login.speak, ANYONE, "POST"),
    Route("/schools/{school}", school.show, SCHOOLS),
    Route("/schools/{school}/report", school.whole, SCHOOLS),
    Route("/schools/{school}/figures.csv", school.rows, SCHOOLS),
    Route("/schools/{school}/figures.xlsx", school.book, SCHOOLS),
    Route("/sessions", sessions.show, IT, menu=N_("Logged in")),
    Route("/sessions/{session}/end", sessions.revoke, IT, "POST"),
)
