"""What the reports say of planning, in bokmål, nynorsk and English."""

from collections.abc import Mapping
from typing import Final

from provision.reports.coverage.texts import Text, in_each

PLANS: Final[Mapping[str, Text]] = {
    "planning_heading": in_each("Planlegging", "Planlegging", "Planning"),
    "by_year_heading": in_each("Når enheter blir for gamle", "Når einingar blir for gamle", "When devices get too old"),
    "by_school_heading": in_each("Planlegging for hver skole", "Planlegging for kvar skule", "Planning by school"),
    "loans_heading": in_each("Hvem kan låne til hvem", "Kven kan låne til kven", "Who could lend to whom"),
    "planning_sheet": in_each("Planlegging", "Planlegging", "Planning"),
    "loans_sheet": in_each("Utlån", "Utlån", "Loans"),
    "reach": in_each(
        "Skolene trenger {devices} til for å nå målet nå.",
        "Skulane treng {devices} til for å nå målet no.",
        "The schools need {devices} more to reach the target now.",
    ),
    "reached": in_each(
        "Alle skolene kan nå målet med det de har.",
        "Alle skulane kan nå målet med det dei har.",
        "Every school can reach the target with what it has.",
    ),
    "after_stock": in_each(
        "Det skolene har på eget lager, er da trukket fra.",
        "Det skulane har på eige lager, er då trekt frå.",
        "What they have in stock themselves is taken off.",
    ),
    "assumed": in_each(
        "Vi regner med like mange elever i alle år, og at en skole erstatter det som går ut, når den ikke har mer enn "
        "målet krever for alle sine elever.",
        "Vi reknar med like mange elevar i alle år, og at ein skule erstattar det som går ut, når han ikkje har meir "
        "enn målet krev for alle elevane sine.",
        "We assume as many pupils in every year, and that a school replaces what goes out once it has no more than "
        "the target asks for all its pupils.",
    ),
    "end_unknown": in_each(
        "For {unknown} av {devices} er det ikke kjent hvor lenge de skal brukes.",
        "For {unknown} av {devices} er det ikkje kjent kor lenge dei skal brukast.",
        "Of {devices} the end of life of {unknown} is not known.",
    ),
    "not_all_schools": in_each(
        "Skoler som ikke vises, er ikke regnet med i planene.",
        "Skular som ikkje er viste, er ikkje rekna med i planane.",
        "Schools that are not shown are left out of the plans.",
    ),
    "no_loans": in_each(
        "Ingen skole har noe til overs som en annen mangler.",
        "Ingen skule har noko til overs som ein annan manglar.",
        "No school has anything to spare that another is short of.",
    ),
    # Tables.
    "year_column": in_each("Skoleår", "Skuleår", "School year"),
    "ended": in_each("Allerede gått ut", "Alt gått ut", "Ended already"),
    "ends_later": in_each("Senere", "Seinare", "Later"),
    "ends_unknown": in_each("Ikke kjent", "Ikkje kjent", "Not known"),
    "ends_column": in_each("Går ut", "Går ut", "Reach their end"),
    "ends_in": in_each("Går ut {year}", "Går ut {year}", "End {year}"),
    "replaced_column": in_each("Nye for å holde målet", "Nye for å halde målet", "New ones to keep the target"),
    "replaced_in": in_each("Nye {year}", "Nye {year}", "New {year}"),
    "missing_column": in_each("Mangler for målet", "Manglar for målet", "Missing for the target"),
    "in_stock_column": in_each("På lager", "På lager", "In stock"),
    "short_column": in_each("Mangler etter eget lager", "Manglar etter eige lager", "Missing after own stock"),
    "spare_column": in_each("Kan lånes ut", "Kan lånast ut", "Can be lent"),
    "lender_column": in_each("Låner ut", "Låner ut", "Lends"),
    "borrower_column": in_each("Til", "Til", "To"),
}
