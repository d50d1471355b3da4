"""The shape of what a job says of the web pages: how people log in, and who may see what besides heads of schools."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

_Org = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ActingJob(_Part):
    """Somebody who stands in for the head of a school, up to and with a day; `person` is the SIS's id."""

    person: Annotated[str, Field(min_length=1)]
    school: _Org
    until: date


class WebJob(_Part):
    """OIDC_* in `.env` say where people log in; `provider` says how a login names a person.

    Groups are those of the claim `groups_claim`. People are named by the SIS's id, or by what the provider calls them:
    the principal name (Feide), the object id (Entra). `object_ids` gives the SIS's id of Entra's objects.
    `heads`: who leads a school; "administrators" where the SIS does not tell its head from others who manage it.
    """

    provider: Literal["feide", "entra", "id_porten"] = "feide"
    heads: Literal["principals", "administrators"] = "principals"
    scopes: list[str] = Field(default_factory=list)
    groups_claim: str = "groups"
    it_groups: list[str] = Field(default_factory=list)
    it_people: list[str] = Field(default_factory=list)
    admin_groups: list[str] = Field(default_factory=list)
    admin_people: list[str] = Field(default_factory=list)
    school_admins: dict[str, list[str]] = Field(default_factory=dict)
    acting: list[ActingJob] = Field(default_factory=list)
    object_ids: dict[str, str] = Field(default_factory=dict)
