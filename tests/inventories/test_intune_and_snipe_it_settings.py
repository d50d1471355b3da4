"""What `.env` says of the systems that hold machines, by name or by file."""

from pathlib import Path

import pytest

from provision.config import load_settings
from provision.errors import ConfigurationError
from provision.inventories.intune import intune_faults
from provision.inventories.snipe_it import snipe_it_faults
from provision.wiring.inventory_settings import intune_settings, snipe_it_settings
from tests.canaries import PASSWORD
from tests.servers.intune import CLIENT_ID, TENANT, app_certificate

SITE = 'SITE_NAME="Hemne"\nREALM="hemne.kommune.no"\nBASE_DN="dc=hemne"\n'


def written(site: Path, *lines: str) -> None:
    (site / ".env").write_text(SITE + "".join(f"{line}\n" for line in lines))


def test_an_app_with_a_certificate_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "intune.pem").write_text(app_certificate())
    (tmp_path / "ca.pem").touch()
    written(
        tmp_path,
        f"INTUNE_TENANT_ID={TENANT}",
        f"INTUNE_CLIENT_ID={CLIENT_ID}",
        "INTUNE_CERTIFICATE_FILE=intune.pem",
        "INTUNE_CA_FILE=ca.pem",
    )
    settings = intune_settings(load_settings(tmp_path, {}), tmp_path)
    assert intune_faults(settings) == []
    assert (settings.tenant_id, settings.client_id, settings.client_secret) == (TENANT, CLIENT_ID, "")
    assert (settings.login_url, settings.graph_url) == (
        "https://login.microsoftonline.com",
        "https://graph.microsoft.com",
    )
    assert settings.ca_file == tmp_path / "ca.pem"


def test_a_token_is_read_by_name_and_shown_nowhere(tmp_path: Path) -> None:
    written(tmp_path, "SNIPE_IT_URL=https://inventar.hemne.kommune.no", f"SNIPE_IT_TOKEN={PASSWORD}")
    said = load_settings(tmp_path, {})
    settings = snipe_it_settings(said, tmp_path, "email")
    assert snipe_it_faults(settings) == []
    assert (settings.token, settings.assignee) == (PASSWORD, "email")
    assert PASSWORD not in repr((said, settings))


def test_what_is_not_set_is_missing(tmp_path: Path) -> None:
    written(tmp_path)
    said = load_settings(tmp_path, {})
    assert len(intune_faults(intune_settings(said, tmp_path))) == 3
    assert len(snipe_it_faults(snipe_it_settings(said, tmp_path))) == 2


@pytest.mark.parametrize(
    ("typo", "meant"), [("INTUNE_TENANT", "INTUNE_TENANT_ID"), ("SNIPE_IT_TOKN", "SNIPE_IT_TOKEN")]
)
def test_a_typing_error_is_told(tmp_path: Path, typo: str, meant: str) -> None:
    written(tmp_path, f"{typo}=x")
    with pytest.raises(ConfigurationError, match=f'{typo}: unknown setting.*"{meant}"'):
        load_settings(tmp_path, {})
