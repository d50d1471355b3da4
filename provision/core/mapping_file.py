"""The shape of a mapping file: what school IT may write in `mappings/*.toml`, and every fault in one."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from string import Formatter
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from provision.core.roster import Role
from provision.core.rules.context import Family
from provision.core.rules.families import FAMILIES
from provision.core.usernames import DEFAULT_SCHEME, Scheme

_SOURCES: Final = ("template", "values", "rule", "table")
_OF: Final = {of for family in FAMILIES.values() for of in family.kinds}


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldSpec(Part):
    """How one field is made, by exactly one of template, values, rule and table, and how it is treated."""

    template: str | None = Field(
        default=None, description="Text with {placeholders}; no field when one of them is empty."
    )
    values: list[str] | None = Field(default=None, description="Several templates, for a field with several values.")
    rule: str | None = Field(default=None, description="A named rule of the family.")
    table: str | None = Field(
        default=None, description="A table of this file, looked up by each of the person's roles."
    )
    membership: bool = Field(
        default=False, description="The field carries membership: losing values counts as losing access."
    )
    kept: bool = Field(default=False, description="Membership that stays on the record of somebody who is disabled.")
    once: bool = Field(default=False, description="Written when the entry is made, never changed after.")
    required: bool = Field(default=False, description="A record without it is held, with the reason.")
    secret: bool = Field(default=False, description="Identity numbers and the like: never journalled or shown.")
    prefix: str = Field(
        default="", description="Only values that start so are ours; others' values there are left alone."
    )

    @model_validator(mode="after")
    def _one_source(self) -> "FieldSpec":
        if sum(getattr(self, name) is not None for name in _SOURCES) != 1:
            raise ValueError(f"give exactly one of {', '.join(_SOURCES)}")
        return self


def _expanded(how: object) -> object:
    """The short forms: a text is one template, a list several."""
    if isinstance(how, str):
        return {"template": how}
    return {"values": how} if isinstance(how, list) else how


How = Annotated[FieldSpec, BeforeValidator(_expanded, json_schema_input_type=str | list[str] | FieldSpec)]


class IdSpec(Part):
    attribute: str = Field(description="The attribute that carries our id.")
    prefix: str = Field(default="", description="What stands before the id; may hold {realm}.")


class EntrySpec(Part):
    """One kind of entry: whom it is for, what it holds and, in a directory, where it stands."""

    of: Literal["district", "school", "session", "course", "guardian", "person", "class"]
    object_classes: list[str] = Field(default_factory=list, description="Of the entries of a directory.")
    parent: str = Field(default="", description="DN below the base, such as ou=people; empty for the base.")
    rdn: str = Field(default="", description="The naming attribute; empty where the entry is the base itself.")
    id: IdSpec | None = Field(default=None, description="What carries our id in a directory.")
    roles: list[Role] = Field(default_factory=list, description="Whose entries these are (persons).")
    members: dict[Role, str] = Field(
        default_factory=dict, description="Who is enrolled in a class, and as what; other roles are not."
    )
    same_person: list[list[str]] = Field(
        default_factory=list,
        description="Sets of fields that, all equal, say that two entries are one person.",
    )
    fields: dict[str, How]


class UsernameSpec(Part):
    scheme: str = DEFAULT_SCHEME.text


class LockSpec(Part):
    attribute: str = Field(default="pwdAccountLockedTime", description="The attribute that locks an account out.")
    value: str = "000001010000Z"


class MappingFile(Part):
    """One mapping file: what goes where for one family of targets."""

    format: Literal[1]
    family: Literal["feide", "oneroster"]
    username: UsernameSpec | None = None
    lock: LockSpec = LockSpec()
    tables: dict[str, dict[Role, list[str]]] = Field(default_factory=dict)
    entry: dict[str, EntrySpec] = Field(min_length=1)


def faults(raw: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with a mapping, each fault with its key and what would be right; [] when it is fine."""
    found = []
    try:
        MappingFile.model_validate(raw)
    except ValidationError as error:
        found = [_told(e["loc"], e["msg"], e["type"]) for e in error.errors(include_url=False)]
    return sorted(set(found) | set(_meaning(raw)))


def _told(place: tuple[int | str, ...], message: str, kind: str) -> str:
    keys = list(map(str, place))
    if kind == "extra_forbidden":
        message = "unknown key" + suggestion(keys[-1], _known_keys())
    return f"{'.'.join(keys)}: {message.removeprefix('Value error, ')}"


def _known_keys() -> set[str]:
    models = (FieldSpec, IdSpec, EntrySpec, UsernameSpec, LockSpec, MappingFile)
    return {name for model in models for name in model.model_fields}


def _meaning(raw: Mapping[str, Any]) -> Iterator[str]:
    """Faults that the shape alone does not show, found also where the shape is wrong elsewhere."""
    scheme = _get(_get(raw, "username"), "scheme")
    if isinstance(scheme, str):
        try:
            Scheme.parse(scheme)
        except ValueError as error:
            yield f"username.scheme: {error}"
    tables = _get(raw, "tables")
    name = _get(raw, "family")
    family = FAMILIES.get(name) if isinstance(name, str) else None
    if family is None:
        return
    for entry, spec in _items(_get(raw, "entry")):
        for fault in _spec_faults(spec, family, set(tables)):
            yield f"entry.{entry}.{fault}"


def _spec_faults(spec: object, family: Family, tables: set[str]) -> Iterator[str]:
    """Of an entry of which nobody knows what it is about, nothing else can be said."""
    of = _get(spec, "of")
    if not isinstance(of, str) or of not in _OF:
        return
    if of not in family.kinds:
        yield f'of: "{of}" is no entry of this family; there is {", ".join(sorted(family.kinds))}'
        return
    yield from _place_faults(spec, of, family)
    yield from _entry_faults(spec, of, family, tables)


def _place_faults(spec: object, of: str, family: Family) -> Iterator[str]:
    """What the entries of a directory need, and no others have."""
    for key in ("object_classes", "id"):
        if family.directory and not _get(spec, key):
            yield f"{key}: is missing; every entry of a directory needs it"
    for key in ("object_classes", "id", "parent", "rdn"):
        if not family.directory and _get(spec, key):
            yield f"{key}: only the entries of a directory have it"
    if _get(spec, "members") and of != "class":
        yield "members: only classes have members"


def _entry_faults(spec: object, of: str, family: Family, tables: set[str]) -> Iterator[str]:
    fields = _get(spec, "fields")
    texts, rules = (each.get(of, {}) for each in (family.texts, family.rules))
    for name, how in _items(fields):
        for fault in _field_faults(how, texts, rules, tables):
            yield f"fields.{name}: {fault}"
    rdn, carrier = _get(spec, "rdn"), _get(_get(spec, "id"), "attribute")
    for key, wanted in (("rdn", rdn), ("id.attribute", carrier)):
        if isinstance(wanted, str) and wanted and wanted not in fields:
            yield f'{key}: "{wanted}" is not among the fields{suggestion(wanted, fields)}'


def _field_faults(
    how: object, texts: Mapping[str, object], rules: Mapping[str, object], tables: set[str]
) -> Iterator[str]:
    templates = [how] if isinstance(how, str) else how if isinstance(how, list) else []
    if isinstance(how, dict):
        templates = [how.get("template", ""), *how.get("values", [])]
        for kind, known in (("rule", rules), ("table", tables)):
            wanted = how.get(kind)
            if isinstance(wanted, str) and wanted not in known:
                yield f'no {kind} "{wanted}"{suggestion(wanted, known)}'
    for template in templates:
        if isinstance(template, str):
            yield from _template_faults(template, texts)


def _template_faults(template: str, texts: Mapping[str, object]) -> Iterator[str]:
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        yield f'"{template}" has a brace without its partner'
        return
    for _, name, form, conversion in parts:
        if name is not None and (name not in texts or form or conversion):
            yield f'no placeholder {{{name}}} in "{template}"{suggestion(name, texts)}'


def suggestion(word: str, known: Mapping[str, object] | set[str]) -> str:
    """The nearest known word, as the end of a sentence."""
    near = get_close_matches(word, sorted(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else f"; there is {', '.join(sorted(known)) or 'none'}"


def _get(raw: object, key: str) -> Any:
    found = raw.get(key) if isinstance(raw, Mapping) else None
    return {} if found is None else found


def _items(raw: object) -> Iterator[tuple[str, Any]]:
    if isinstance(raw, Mapping):
        yield from raw.items()
