"""By which ways somebody is told: those that the job names, each with what it needs."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from provision.alerts.mail import Post, reached, send, smtp_faults, written
from provision.alerts.message import Message
from provision.alerts.webhook import post, webhook_faults
from provision.wiring import Place

MAIL: Final = "mail"
WEBHOOK: Final = "webhook"


def channels(place: Place) -> list[str]:
    alerts = place.job.alerts
    return [name for name, wanted in ((MAIL, bool(alerts.mail)), (WEBHOOK, alerts.webhook)) if wanted]


def undelivered(message: Message, names: Iterable[str], place: Place, now: datetime) -> Mapping[str, str]:
    """Sends it by each of these; by which it did not get through, and why."""
    send_by = {MAIL: _mailed, WEBHOOK: _posted}
    return {name: why for name in names if (why := send_by[name](message, place, now))}


def unreachable(place: Place) -> Mapping[str, str]:
    """By channel why nothing could be sent by it now; "" where something could. Nothing is sent."""
    ask = {MAIL: _asked_mail, WEBHOOK: _asked_webhook}
    return {name: ask[name](place) for name in channels(place)}


def _asked_mail(place: Place) -> str:
    return "".join(smtp_faults(place.settings.smtp_url)) or reached(_post(place))


def _asked_webhook(place: Place) -> str:
    """Its address only: whatever it is sent, it posts."""
    return "".join(webhook_faults(_webhook(place)))


def _mailed(message: Message, place: Place, now: datetime) -> str:
    settings = place.settings
    if faults := smtp_faults(settings.smtp_url):
        return "".join(faults)
    sender = settings.smtp_from or f"provision@{settings.realm}"
    return send(written(message, place.job.alerts.mail, sender, now), _post(place))


def _post(place: Place) -> Post:
    settings = place.settings
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
    return Post(settings.smtp_url, password, place.path(settings.smtp_ca_file) if settings.smtp_ca_file else None)


def _posted(message: Message, place: Place, now: datetime) -> str:
    del now  # a card says when it came by itself
    settings = place.settings
    ca_file = place.path(settings.alert_webhook_ca_file) if settings.alert_webhook_ca_file else None
    return "".join(webhook_faults(_webhook(place))) or post(message, _webhook(place), ca_file)


def _webhook(place: Place) -> str:
    address = place.settings.alert_webhook_url
    return address.get_secret_value() if address else ""
