"""Whether all is well, for machines: in a word for whoever asks, and whole for this machine itself and for IT."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Final

from starlette.responses import PlainTextResponse, Response

from provision.core.conditions import What
from provision.core.hosts import is_loopback
from provision.errors import ProvisionError
from provision.health import document, site_json, unusable_json
from provision.metrics import CONTENT_TYPE, text
from provision.standing import Standing, look
from provision.web.access import Role
from provision.web.ask import Ask, Refused
from provision.web.sites import Site

_Found = Standing | ProvisionError
_ILL: Final = 503


def show(ask: Ask) -> Response:
    """200 where all is well and 503 where something calls for somebody; the document where that is asked for."""
    found = _looked(ask)
    well = not any(isinstance(each, Exception) or each.conditions for each in found.values())
    if "application/json" not in ask.request.headers.get("accept", ""):
        return PlainTextResponse("well\n" if well else "not well\n", 200 if well else _ILL)
    whole = document(_json(ask.sites[name], each) for name, each in found.items())
    said = whole if _may_know(ask) else {"format": whole["format"], "well": well}
    return Response(json.dumps(said), 200 if well else _ILL, media_type="application/json")


def metrics(ask: Ask) -> Response:
    """For Prometheus on this machine."""
    if not _may_know(ask):
        raise Refused(404)
    found = _looked(ask)
    standings = [each for each in found.values() if isinstance(each, Standing)]
    unusable = [name for name, each in found.items() if not isinstance(each, Standing)]
    return Response(text(standings, unusable), media_type=CONTENT_TYPE)


def _looked(ask: Ask) -> Mapping[str, _Found]:
    """Looked at no more than once a minute, whoever asks."""
    return {name: site.for_a_minute("standing", partial(_look, site)) for name, site in ask.sites.items()}


def _look(site: Site) -> _Found:
    try:
        return look(site.place, site.journal, site.clock())
    except ProvisionError as error:
        return error


def _json(site: Site, found: _Found) -> dict[str, object]:
    if isinstance(found, Standing):
        return site_json(found)
    return unusable_json(site.name, site.job, found, What.JOURNAL)


def _may_know(ask: Ask) -> bool:
    """This machine itself, past no proxy, or IT."""
    request = ask.request
    named = request.url.hostname or ""
    near = request.client is not None and is_loopback(request.client.host) and is_loopback(named)
    direct = near and not {"x-forwarded-for", "forwarded"} & {name.lower() for name in request.headers}
    return direct or (ask.who is not None and ask.who.has({Role.IT}))
