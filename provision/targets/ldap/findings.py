"""What a server must know and allow before we write there: required at each run, explained by `doctor`."""

from collections.abc import Iterator
from secrets import token_hex
from typing import Final, Literal, NamedTuple

from provision.core.dn import and_, equals_filter, is_under, or_, present_filter
from provision.core.state import Kind
from provision.directory import Directory, NoSuchEntry, ServerSchema, TakesNoWrites, Unwilling
from provision.errors import ChangeRejected, ChangeStale, TargetUnavailable
from provision.formats.entry import Layout

_LOAD: Final = "load the schemas inetOrgPerson, norEdu, eduPerson, eduOrg and schac there, and the ppolicy overlay"
_POLICY: Final = "without it a disabled person can still log in; load the overlay ppolicy and set pwdLockout TRUE"
_TRY: Final = "disable one test account, see that it cannot log in, and run this again"


class Finding(NamedTuple):
    level: Literal["ok", "warning", "error"]
    text: str
    remedy: str = ""


def require(directory: Directory, layout: Layout) -> None:
    """Raises TargetUnavailable unless the server knows every name that the layout uses and holds its base.

    A filter on an attribute that a server does not know matches nothing: everybody would be made anew.
    """
    schema = directory.schema()
    if missing := missing_names(schema, layout):
        raise TargetUnavailable(f"{directory}: its schema lacks {', '.join(missing)}; {_LOAD}")
    if not _holds(schema, layout):
        raise TargetUnavailable(f"{directory}: it holds nothing at {layout.base}; see the base in the settings")


def missing_names(schema: ServerSchema, layout: Layout) -> list[str]:
    """Every attribute and object class of the layout that the server does not know."""
    attributes = {layout.lock[0], "uid", "eduPersonPrincipalName"}
    classes: set[str] = set()
    for shape in layout.shapes:
        attributes |= {shape.id_attribute, *shape.fields, *([shape.rdn] if shape.rdn else [])}
        classes |= shape.object_classes
    return [
        *(f"attribute {n}" for n in sorted(attributes) if n.partition(";")[0].lower() not in schema.attributes),
        *(f"object class {n}" for n in sorted(classes) if n.lower() not in schema.object_classes),
    ]


def _holds(schema: ServerSchema, layout: Layout) -> bool:
    contexts = schema.naming_contexts
    return not contexts or any(is_under(layout.base, context) for context in contexts)


def findings(directory: Directory, layout: Layout) -> list[Finding]:
    """One line for each thing that `doctor` looks at; an unreachable server is the only one then."""
    try:
        return list(_findings(directory, layout))
    except TargetUnavailable as error:
        return [Finding("error", str(error), "nothing can be done there until this is mended")]


def _findings(directory: Directory, layout: Layout) -> Iterator[Finding]:
    schema = directory.schema()
    yield Finding("ok", f"{directory}: {schema.vendor} answers and lets the service account in")
    for name in missing_names(schema, layout):
        yield Finding("error", f"its schema lacks {name}", _LOAD)
    if not _holds(schema, layout):
        yield Finding("error", f"it holds nothing at {layout.base}", "see the base in the settings")
        return
    if schema.has_assertion:
        yield Finding("ok", "it can tell whether an entry changed since it was read (RFC 4528)")
    else:
        yield Finding("warning", "it offers no assertion control (RFC 4528)", "each change costs one more look there")
    yield _writing(directory, layout)
    yield _locking(directory, schema, layout)


def _writing(directory: Directory, layout: Layout) -> Finding:
    """Asks for a value to go that nobody has: who may not write is told so, who may that there is no such value."""
    try:
        directory.modify(_somebody(directory, layout) or layout.base, [("delete", "description", [token_hex(16)])])
    except (ChangeStale, NoSuchEntry):
        return Finding("ok", "the service account may change entries")
    except (Unwilling, TakesNoWrites) as refused:
        return Finding("error", str(refused), "give the service account the right to write below the base")
    except ChangeRejected as unclear:
        return Finding("warning", f"whether we may write could not be tried: {unclear}", "the first run will tell")
    return Finding("warning", "whether we may write could not be tried", "the first run will tell")


def _somebody(directory: Directory, layout: Layout) -> str | None:
    """An account of ours."""
    wanted = or_(*(present_filter(shape.id_attribute) for shape in layout.shapes if shape.kind is Kind.ACCOUNT))
    try:
        return next((dn for dn, _ in directory.search(layout.base, wanted, ["1.1"])), None)
    except NoSuchEntry:
        return None


def _locking(directory: Directory, schema: ServerSchema, layout: Layout) -> Finding:
    if layout.lock[0].lower() not in schema.attributes or not schema.has_password_policy:
        return Finding("error", "it has no password policy overlay", _POLICY)
    policies = list(_policies(directory, schema))
    if policies and "TRUE" not in policies:
        return Finding("error", "its password policy does not lock anybody out", _POLICY)
    if (locked := _locked(directory, layout)) is None:
        return Finding("warning", "nobody is locked out yet, so that locking could not be tried", _TRY)
    if not directory.asks_policy(locked):
        return Finding("error", "its password policy is not asked when people log in", _POLICY)
    if not policies:
        return Finding("warning", "its password policy cannot be read by us", _TRY)
    return Finding("ok", "its password policy locks disabled people out")


def _locked(directory: Directory, layout: Layout) -> str | None:
    """Somebody whom we have locked out."""
    attribute, value = layout.lock
    ours = or_(*(present_filter(shape.id_attribute) for shape in layout.shapes if shape.kind is Kind.ACCOUNT))
    try:
        entries = directory.search(layout.base, and_(ours, present_filter(attribute)), [attribute])
        return next((dn for dn, held in entries if value in frozenset[str]().union(*held.values())), None)
    except NoSuchEntry:
        return None


def _policies(directory: Directory, schema: ServerSchema) -> Iterator[str]:
    """Of every policy that we may read, whether it locks."""
    for context in schema.naming_contexts:
        try:
            for _, attributes in directory.search(context, equals_filter("objectClass", "pwdPolicy"), ["pwdLockout"]):
                held = {name.lower(): values for name, values in attributes.items()}
                yield next(iter(held.get("pwdlockout", ())), "FALSE").upper()
        except (NoSuchEntry, TargetUnavailable):
            continue  # not ours to read
