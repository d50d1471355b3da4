"""The words in which each kind of target says what the duties of a target are about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from provision.core.dn import normal
from provision.core.plan import Change
from provision.core.state import Key, Record, Value
from tests.builders import (
    BASE,
    DISTRICT,
    OTHER_SCHOOL,
    PEOPLE,
    SCHOOL,
    a_course,
    a_district,
    a_pupil,
    a_school,
    a_session,
    a_user,
    an_org,
    rekey,
    with_fields,
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of target says what the duties are about. `words` are its names for fields that a duty names.

    `orgs` is what must be there before people are, `first` what must be done before that; `pupil` takes a number and a
    school. `unmanaged` are fields of a person that no mapping of the tests names. `place` is where `entries` has a
    pupil. `written` is a text as it reads back, `item` one that may stand in a list.
    """

    words: Mapping[str, str]
    first: tuple[Change, ...]
    orgs: tuple[Record, ...]
    pupil: Callable[[int, Key], Record]
    unmanaged: Mapping[str, str]
    place: Callable[[int], str]
    written: Callable[[str], str] = str
    item: Callable[[str], str] = str

    def a_pupil(self, number: int = 1, school: Key = SCHOOL, **fields: Value | None) -> Record:
        """The record, with some fields by the words of the duties."""
        return self.said(self.pupil(number, school), **fields)

    def said(self, record: Record, **fields: Value | None) -> Record:
        return with_fields(record, **{self.words[word]: value for word, value in fields.items()})


FEIDE: Final = Dialect(
    words={
        "username": "uid",
        "family": "sn",
        "shown": "displayName",
        "optional": "norEduPersonBirthDate",
        "secret": "norEduPersonNIN",
        "several": "eduPersonEntitlement",
        "school": "eduPersonPrimaryOrgUnitDN",
        "org_name": "ou",
    },
    first=(rekey(DISTRICT, handle=BASE),),
    orgs=(a_district(), a_school(), a_school(OTHER_SCHOOL)),
    pupil=a_pupil,
    unmanaged={"mobile": "+4799999999", "userPassword": "chosen by the pupil", "employeeNumber": "7"},
    place=lambda number: normal(f"uid=pup{number:05},{PEOPLE}"),
)
ONEROSTER: Final = Dialect(
    words={
        "username": "username",
        "family": "familyName",
        "shown": "preferredGivenName",
        "optional": "email",
        "secret": "email",
        "several": "grades",
        "school": "primaryOrgSourcedId",
        "org_name": "name",
    },
    first=(),
    orgs=(an_org(DISTRICT), an_org(), an_org(OTHER_SCHOOL), a_session(), a_course()),
    pupil=a_user,
    unmanaged={"phone": "+4799999999", "middleName": "Åse", "userMasterIdentifier": "7"},
    place=lambda number: f"users/p{number}",
    written=lambda text: " ".join(text.splitlines()),
    item=lambda text: " ".join(text.replace(",", "").splitlines()),
)
