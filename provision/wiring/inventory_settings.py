"""How the systems that hold machines are asked: what `.env` says."""

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from provision.config import Settings

if TYPE_CHECKING:
    from provision.inventories.intune import IntuneSettings
    from provision.inventories.snipe_it import SnipeItSettings
    from provision.inventories.snipe_it.settings import Assignee


def intune_settings(said: Settings, site: Path) -> "IntuneSettings":
    """As the settings of the site say; `intune_faults` tells what is missing."""
    from provision.inventories.intune import IntuneSettings
    from provision.inventories.intune.settings import GRAPH, LOGIN

    return IntuneSettings(
        said.intune_tenant_id,
        said.intune_client_id,
        client_secret=_secret(said.intune_client_secret),
        certificate=_secret(said.intune_certificate),
        login_url=said.intune_login_url or LOGIN,
        graph_url=said.intune_graph_url or GRAPH,
        ca_file=_file(site, said.intune_ca_file),
    )


def snipe_it_settings(said: Settings, site: Path, assignee: "Assignee" = "username") -> "SnipeItSettings":
    """As the settings of the site say; `snipe_it_faults` tells what is missing."""
    from provision.inventories.snipe_it import SnipeItSettings

    ca_file = _file(site, said.snipe_it_ca_file)
    return SnipeItSettings(said.snipe_it_url, _secret(said.snipe_it_token), assignee, ca_file=ca_file)


def _secret(said: SecretStr | None) -> str:
    return said.get_secret_value() if said else ""


def _file(site: Path, path: Path | None) -> Path | None:
    return site / path if path else None
