"""Pages that come once something has been looked up."""

import re
import time
from html import unescape

import requests

from tests.web.served import Person

FEIDE = {"target:feide": "1"}


def finished(person: Person, path: str) -> requests.Response:
    """The page once it waits for nothing any more."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        answer = person.open(path)
        if "hx-trigger" not in answer.text:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{path} still waits")


def looked(person: Person, what: str, reason: str = "mangler tilgang", **more: str) -> str:
    """The address of a preview that has been worked out."""
    begun = person.send_form("/resync", what=what, reason=reason, **{**FEIDE, **more})
    assert begun.status_code == 303, begun.text
    finished(person, begun.headers["Location"])
    return begun.headers["Location"]


def digest(person: Person, path: str) -> str:
    found = re.search(r'name="digest" value="([^"]+)"', person.open(path).text)
    assert found, "there is nothing to say yes to"
    return found[1]


def said(answer: requests.Response) -> str:
    """What a page says, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
