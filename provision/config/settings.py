"""What a site says of where things are, and the names of its secrets: the environment and `.env`."""

import os
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from provision.config.faults import meant, why
from provision.core.mapping_file import suggestion
from provision.errors import ConfigurationError

_REALM: Final = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$"


class Settings(BaseModel):
    """Where things are, and the names of secrets. A setting X may be given as X_FILE, the path of a file holding it."""

    model_config = ConfigDict(frozen=True)

    site_name: str = Field(description="The municipality's name.")
    realm: str = Field(pattern=_REALM, description="The Feide realm, such as hemne.kommune.no.")
    base_dn: str = Field(description="The directory's base, such as dc=hemne,dc=kommune,dc=no.")
    pepper: SecretStr | None = Field(default=None, description="Key for keyed hashes; made on first use if absent.")
    journal_url: str = Field(default="", description="Database URL; empty for SQLite in var/.")
    ldap_url: str = Field(default="", description="ldaps://host, or ldap://host with LDAP_START_TLS=true.")
    ldap_start_tls: bool = Field(default=False, description="Ask an ldap:// server for TLS before binding.")
    ldap_bind_dn: str = Field(default="", description="The service account.")
    ldap_password: SecretStr | None = Field(default=None, description="Its password.")
    ldap_ca_file: Path | None = Field(default=None, description="The CA that signed the server's certificate.")
    oneroster_url: str = Field(default="", description="Where the SIS answers OneRoster, unless the preset says it.")
    oneroster_token_url: str = Field(default="", description="Where it hands out tokens, unless the preset says it.")
    oneroster_client_id: str = Field(default="", description="Who we are there.")
    oneroster_client_secret: SecretStr | None = Field(default=None, description="Its secret.")
    oneroster_scope: str = Field(default="", description="What we ask for, unless the preset says it.")
    oneroster_tenant_id: str = Field(default="", description="Which customer we are, where the provider asks (Visma).")
    oneroster_org: str = Field(default="", description="Our own part of the address, where there is one (Vigilo).")
    oneroster_ca_file: Path | None = Field(default=None, description="The CA, where it is one of the site's own.")
    intune_tenant_id: str = Field(default="", description="The directory's id or domain, such as x.onmicrosoft.com.")
    intune_client_id: str = Field(default="", description="The id of the app that reads Intune.")
    intune_client_secret: SecretStr | None = Field(default=None, description="Its secret, or a certificate instead.")
    intune_certificate: SecretStr | None = Field(default=None, description="Its certificate with the key, as PEM.")
    intune_login_url: str = Field(default="", description="Entra's address, in a national cloud.")
    intune_graph_url: str = Field(default="", description="Microsoft Graph's address, in the same cloud.")
    intune_ca_file: Path | None = Field(default=None, description="The CA, where a proxy signs anew.")
    snipe_it_url: str = Field(default="", description="Where Snipe-IT is, as a browser is given it.")
    snipe_it_token: SecretStr | None = Field(default=None, description="A token of a user who may view assets.")
    snipe_it_ca_file: Path | None = Field(default=None, description="The CA, where it is one of the site's own.")
    smtp_url: str = Field(
        default="", description="Where alerts are mailed: smtps://user@host, or smtp://user@host:587."
    )
    smtp_password: SecretStr | None = Field(default=None, description="The password of its user.")
    smtp_from: str = Field(default="", description="Whom the mails are from; left out, provision@ and the realm.")
    smtp_ca_file: Path | None = Field(default=None, description="The CA, where it is one of the site's own.")
    alert_webhook_url: SecretStr | None = Field(default=None, description="The address of a Teams workflow, a secret.")
    alert_webhook_ca_file: Path | None = Field(default=None, description="The CA, where a proxy signs anew.")
    audit_heads: Path | None = Field(default=None, description="A file elsewhere that gets the audit chain's ends.")
    public_url: str = Field(default="", description="The pages' address, as a browser is given it.")
    oidc_issuer: str = Field(default="", description="Where people log in to the pages, as its own metadata names it.")
    oidc_client_id: str = Field(default="", description="Who we are there.")
    oidc_client_secret: SecretStr | None = Field(default=None, description="Its secret.")
    oidc_ca_file: Path | None = Field(default=None, description="The CA, where it is one of the site's own.")


def load_settings(site: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The site's settings: the environment wins over `.env`. Raises ConfigurationError with every fault."""
    written = _variables(site / ".env")
    given = written | dict(os.environ if environment is None else environment)
    names = {name.upper(): name for name in Settings.model_fields}
    found: dict[str, Any] = {}
    wrong = list(_misspelt(written, names))
    for variable, name in names.items():
        if path := given.get(f"{variable}_FILE"):
            try:
                found[name] = (site / path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                wrong.append(f".env: {variable}_FILE: cannot read {path} ({why(error)})")
        elif given.get(variable):
            found[name] = given[variable]
    try:
        settings = Settings.model_validate(found)
    except ValidationError as error:
        wrong += [f".env: {str(e['loc'][0]).upper()}: {meant(e)}" for e in error.errors(include_input=False)]
    if wrong:
        absent = not (site / ".env").exists()
        hint = ["there is no .env; copy .env.example to it and fill it in"] if absent else []
        raise ConfigurationError([*hint, *sorted(wrong)])
    return settings


def _misspelt(written: Iterable[str], names: Iterable[str]) -> Iterator[str]:
    """What begins as settings do and is none; `.env` may hold what other programs read."""
    known = {each for name in names for each in (name, f"{name}_FILE")}
    for name in written:
        alike = {each for each in known if each.partition("_")[0] == name.partition("_")[0]}
        if alike and name not in known:
            yield f".env: {name}: unknown setting{suggestion(name, alike)}"


def _variables(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise ConfigurationError([f".env: {why(error)}"]) from None
    except OSError as error:
        right = "make it a file that the account which runs this can read"
        raise ConfigurationError([f".env: {why(error)}; {right}"]) from None
    read = dotenv_values(stream=StringIO(text), interpolate=False)
    if unset := sorted(name for name, value in read.items() if value is None):
        raise ConfigurationError([f".env: {name}: write {name}=value" for name in unset])
    return {name: value for name, value in read.items() if value is not None}
