"""A message to a Teams workflow: an adaptive card, posted to an address that is a secret."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from provision.alerts.message import Item, Message
from provision.alerts.texts import word
from provision.core.hosts import is_loopback
from provision.errors import ConfigurationError
from provision.rest import Limits, Rest, RestError

# Short: whatever else is to be done waits for it.
_LIMITS: Final = Limits(connect_timeout=10.0, read_timeout=20.0, patience=30.0, longest_pause=10.0, largest=1 << 20)
_SCHEMA: Final = "http://adaptivecards.io/schemas/adaptive-card.json"


def webhook_faults(url: str) -> list[str]:
    """What is wrong with the address of a workflow, none or one."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    right = "write the address that Teams shows for the workflow"
    if not host or parts.scheme not in ("https", "http") or parts.username or parts.password:
        return [f"ALERT_WEBHOOK_URL: missing or no web address; {right}"]
    if parts.scheme == "http" and not is_loopback(host):
        return [f"ALERT_WEBHOOK_URL: http:// sends a secret in the clear; {right}"]
    return []


def card(message: Message) -> dict[str, Any]:
    """What a workflow "when a Teams webhook request is received" posts in its channel."""
    body = [_block(message.title, weight="bolder", size="medium"), *(_of(item) for item in message.items)]
    body.append(_block(message.footer, isSubtle=True, size="small"))
    link = {"type": "Action.OpenUrl", "title": word("open", message.language), "url": message.link}
    content = {
        "$schema": _SCHEMA,
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [link] if message.link else [],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def post(message: Message, url: str, ca_file: Path | None) -> str:
    """Posts the card. Why it was not taken, without the address; "" where it was."""
    parts = urlsplit(url)
    server = f"{parts.scheme}://{parts.netloc}"
    try:
        with Rest(server, limits=_LIMITS, ca_file=ca_file) as rest:
            # The client shows no query, and of the path the secret may be part: only its status is told on.
            rest.send("POST", url, json=card(message))
    except RestError as error:
        return f"{parts.hostname}: {_why(error)}"
    except ConfigurationError:
        return "ALERT_WEBHOOK_URL is no web address"
    return ""


def _why(error: RestError) -> str:
    if error.status is None:
        return "cannot be reached; check ALERT_WEBHOOK_URL, the proxy and the firewall"
    return f"does not take the message ({error.status}); check in Teams that the workflow is there and on"


def _of(item: Item) -> dict[str, Any]:
    blocks = [_block(item.text), *([_block(item.step, isSubtle=True, spacing="none")] if item.step else [])]
    style = "attention" if item.urgent else "warning" if item.step else "good"
    return {"type": "Container", "style": style, "items": blocks}


def _block(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "TextBlock", "text": _plain(text), "wrap": True, **more}


def _plain(text: str) -> str:
    """A card reads Markdown; nothing of ours is meant so."""
    return "".join(f"\\{letter}" if letter in "\\*_[]#" else letter for letter in text)
