"""A mapping file compiled once: for each kind of entry, the fields and how each is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from provision.core.mapping_file import EntrySpec, FieldSpec, MappingFile, UsernameSpec
from provision.core.roster import Role
from provision.core.rules.context import SECRET_TEXTS, Family, PersonContext, Text
from provision.core.rules.families import FAMILIES
from provision.core.state import Kind, Value
from provision.core.traits import Traits
from provision.core.usernames import Scheme

Make = Callable[[Any], Value | None]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entry.

    `origin` says in words how it is made; `refers` that its values are Keys; `kin` that it gives somebody a place for
    being a guardian.
    """

    name: str
    make: Make
    origin: str
    membership: bool = False
    kept: bool = False
    once: bool = False
    required: bool = False
    secret: bool = False
    refers: bool = False
    kin: bool = False
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of entry; see mapping_file.EntrySpec for what each part means."""

    name: str
    of: str
    kind: Kind
    object_classes: frozenset[str]
    parent: str
    rdn: str
    id_attribute: str
    id_prefix: str
    roles: frozenset[Role]
    members: Mapping[Role, str]
    same_person: tuple[frozenset[str], ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class TargetMapping:
    """What goes to one target. `scheme` is None where the mapping does not say how usernames are made."""

    family: str
    scheme: Scheme | None
    lock: tuple[str, str]
    entries: tuple[Entry, ...]

    def traits(self) -> Traits:
        """What the planner and the guard must know of the fields."""
        fields = [field for entry in self.entries for field in entry.fields]
        return Traits(
            fields=frozenset(f.name for f in fields),
            membership=frozenset(f.name for f in fields if f.membership),
            kept=frozenset(f.name for f in fields if f.kept),
            once=frozenset(f.name for f in fields if f.once),
            secret=frozenset(f.name for f in fields if f.secret),
            kin=frozenset(f.name for f in fields if f.kin),
            same_person=tuple(each for entry in self.entries for each in entry.same_person),
        )


def compile_mapping(file: MappingFile, realm: str) -> TargetMapping:
    """The mapping of a file in which `faults` found none, for one realm."""
    family = FAMILIES[file.family]
    username = file.username or (UsernameSpec() if family.directory else None)
    return TargetMapping(
        family=file.family,
        scheme=Scheme.parse(username.scheme) if username else None,
        lock=(file.lock.attribute, file.lock.value),
        entries=tuple(_entry(name, spec, file.tables, family, realm) for name, spec in file.entry.items()),
    )


def _entry(
    name: str, spec: EntrySpec, tables: Mapping[str, Mapping[Role, list[str]]], family: Family, realm: str
) -> Entry:
    return Entry(
        name=name,
        of=spec.of,
        kind=family.kinds[spec.of],
        object_classes=frozenset(spec.object_classes),
        parent=spec.parent,
        rdn=spec.rdn,
        id_attribute=spec.id.attribute if spec.id else "",
        id_prefix=spec.id.prefix.replace("{realm}", realm) if spec.id else "",
        roles=frozenset(spec.roles),
        members=spec.members,
        same_person=tuple(frozenset(each) for each in spec.same_person),
        fields=tuple(_field(each, how, tables, family, spec.of) for each, how in spec.fields.items()),
    )


def _field(name: str, how: FieldSpec, tables: Mapping[str, Mapping[Role, list[str]]], family: Family, of: str) -> Field:
    make, origin, secret = _source(how, tables, family, of)
    return Field(
        name=name,
        make=make,
        origin=origin,
        membership=how.membership,
        kept=how.kept,
        once=how.once,
        required=how.required,
        secret=how.secret or secret,
        refers=how.rule in family.referring,
        kin=how.rule in family.kin,
        prefix=how.prefix,
    )


def _source(
    how: FieldSpec, tables: Mapping[str, Mapping[Role, list[str]]], family: Family, of: str
) -> tuple[Make, str, bool]:
    if how.rule is not None:
        return family.rules[of][how.rule], f"rule {how.rule}", how.rule in family.secret
    if how.table is not None:
        return _lookup(tables[how.table]), f"table {how.table}", False
    templates = [how.template] if how.template is not None else how.values or []
    names = {name for template in templates for _, name, _, _ in Formatter().parse(template) if name}
    makers = [_template(template, family.texts[of]) for template in templates]
    origin = "template " + ", ".join(templates)
    make = makers[0] if how.template is not None else _several(makers)
    return make, origin, bool(names & SECRET_TEXTS)


def _template(template: str, texts: Mapping[str, Text]) -> Callable[[Any], str | None]:
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
