"""A mapping file compiled once: for each kind of entry, the fields and how each is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any, Final, Literal

from provision.core.guard import Traits
from provision.core.mapping_file import EntrySpec, FieldSpec, MappingFile
from provision.core.roster import Role
from provision.core.rules import feide
from provision.core.rules.context import ORG_TEXTS, PERSON_TEXTS, SECRET_TEXTS, PersonContext
from provision.core.state import Kind, Value
from provision.core.usernames import Scheme

Make = Callable[[Any], Value | None]
_KINDS: Final = {"district": Kind.ORG, "school": Kind.ORG, "person": Kind.ACCOUNT}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entry. `origin` says in words how it is made; `refers` that its values are Keys."""

    name: str
    make: Make
    origin: str
    membership: bool = False
    once: bool = False
    required: bool = False
    secret: bool = False
    refers: bool = False
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of entry; see mapping_file.EntrySpec for what each part means."""

    name: str
    of: Literal["district", "school", "person"]
    kind: Kind
    object_classes: frozenset[str]
    parent: str
    rdn: str
    id_attribute: str
    id_prefix: str
    roles: frozenset[Role]
    same_person: tuple[frozenset[str], ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class TargetMapping:
    """What goes to one target, and under which usernames."""

    scheme: Scheme
    lock: tuple[str, str]
    entries: tuple[Entry, ...]

    def traits(self) -> Traits:
        """What the planner and the guard must know of the fields."""
        fields = [field for entry in self.entries for field in entry.fields]
        return Traits(
            fields=frozenset(f.name for f in fields),
            membership=frozenset(f.name for f in fields if f.membership),
            once=frozenset(f.name for f in fields if f.once),
            secret=frozenset(f.name for f in fields if f.secret),
            same_person=tuple(each for entry in self.entries for each in entry.same_person),
        )


def compile_mapping(file: MappingFile, realm: str) -> TargetMapping:
    """The mapping of a file in which `faults` found none, for one realm."""
    return TargetMapping(
        scheme=Scheme.parse(file.username.scheme),
        lock=(file.lock.attribute, file.lock.value),
        entries=tuple(_entry(name, spec, file.tables, realm) for name, spec in file.entry.items()),
    )


def _entry(name: str, spec: EntrySpec, tables: Mapping[str, Mapping[Role, list[str]]], realm: str) -> Entry:
    person = spec.of == "person"
    return Entry(
        name=name,
        of=spec.of,
        kind=_KINDS[spec.of],
        object_classes=frozenset(spec.object_classes),
        parent=spec.parent,
        rdn=spec.rdn,
        id_attribute=spec.id.attribute,
        id_prefix=spec.id.prefix.replace("{realm}", realm),
        roles=frozenset(spec.roles),
        same_person=tuple(frozenset(each) for each in spec.same_person),
        fields=tuple(_field(each, how, tables, person=person) for each, how in spec.fields.items()),
    )


def _field(name: str, how: FieldSpec, tables: Mapping[str, Mapping[Role, list[str]]], *, person: bool) -> Field:
    make, origin, secret = _source(how, tables, person=person)
    refers = how.rule in feide.REFERRING_RULES
    return Field(
        name=name,
        make=make,
        origin=origin,
        membership=how.membership,
        once=how.once,
        required=how.required,
        secret=how.secret or secret,
        refers=refers,
        prefix=how.prefix,
    )


def _source(how: FieldSpec, tables: Mapping[str, Mapping[Role, list[str]]], *, person: bool) -> tuple[Make, str, bool]:
    if how.rule is not None:
        rules: Mapping[str, Make] = feide.PERSON_RULES if person else feide.ORG_RULES
        return rules[how.rule], f"rule {how.rule}", how.rule in feide.SECRET_RULES
    if how.table is not None:
        return _lookup(tables[how.table]), f"table {how.table}", False
    templates = [how.template] if how.template is not None else how.values or []
    names = {name for template in templates for _, name, _, _ in Formatter().parse(template) if name}
    makers = [_template(template, person=person) for template in templates]
    origin = "template " + ", ".join(templates)
    make = makers[0] if how.template is not None else _several(makers)
    return make, origin, bool(names & SECRET_TEXTS)


def _template(template: str, *, person: bool) -> Callable[[Any], str | None]:
    texts: Mapping[str, Callable[[Any], str]] = PERSON_TEXTS if person else ORG_TEXTS
    parts = [(literal, texts[name] if name else None) for literal, name, _, _ in Formatter().parse(template)]

    def make(context: object) -> str | None:
        made = ""
        for literal, text in parts:
            value = text(context) if text else ""
            if text and not value:
                return None
            made += literal + value
        return made or None

    return make


def _several(makers: list[Callable[[Any], str | None]]) -> Make:
    def make(context: object) -> Value | None:
        return frozenset(value for maker in makers if (value := maker(context))) or None

    return make


def _lookup(table: Mapping[Role, list[str]]) -> Make:
    def make(person: PersonContext) -> Value | None:
        return frozenset(value for role in person.roles for value in table.get(role, ())) or None

    return make
