"""How a SIS that is asked over the network is asked: what the preset knows, where `.env` does not say otherwise."""

from dataclasses import replace
from pathlib import Path

from provision.config import Settings, SourceJob
from provision.sources.oneroster.rest_settings import OneRosterRestSettings, preset


def rest_settings(job: SourceJob, said: Settings, site: Path) -> OneRosterRestSettings:
    """As the job and the settings of the site say; `provider_faults` tells what is missing."""
    rest = job.rest
    secret = said.oneroster_client_secret.get_secret_value() if said.oneroster_client_secret else ""
    if rest.preset:
        settings = preset(rest.preset, said.oneroster_client_id, secret, said.oneroster_org)
    else:
        settings = OneRosterRestSettings(
            said.oneroster_url,
            said.oneroster_client_id,
            secret,
            version=rest.version,
            auth=rest.auth,
            client_auth=rest.client_auth,
            signature=rest.signature,
            page_size=rest.page_size,
        )
    return replace(
        settings,
        base_url=said.oneroster_url or settings.base_url,
        token_url=said.oneroster_token_url or settings.token_url,
        scope=said.oneroster_scope or settings.scope,
        token_parameters={"tenant_id": said.oneroster_tenant_id} if said.oneroster_tenant_id else {},
        ca_file=site / said.oneroster_ca_file if said.oneroster_ca_file else None,
    )
