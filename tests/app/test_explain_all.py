"""The answer to a request for access holds everything, and no identity number."""

from tests.app.edits import named, without
from tests.app.sites import SOUTH, Site, number_of, pupils


def test_all_that_is_held_is_in_the_answer(both: Site) -> None:
    who = pupils(both, SOUTH)[3]
    both.night(1, named(who, "Kjærstin", "Øverås Åsgård"))
    said = both.cli("explain", who, "--all", "--json", "--day", "2026-11-24", code=0).json
    assert said["ids"] == [who]
    assert said["name"] == "Kjærstin Øverås Åsgård"
    (user,) = (row for row in said["sources"] if row["table"] == "users")
    assert user["family_name"] == "Øverås Åsgård"
    assert user["national_id"] == "(an identity number)"
    assert {row["related"] for row in said["sources"] if row["table"] == "relationships"}
    assert {target["target"] for target in said["targets"]} == {"feide", "lms"}
    journal = said["journal"]
    assert journal["usernames"][0]["name"] == said["username"]
    assert [row["verb"] for row in journal["changes"]] == ["create", "create", "update", "update"]
    assert journal["changes"][-2]["before"]["fields"]["sn"] != "Øverås Åsgård"
    assert journal["keyed_hashes"] == [{"sourced_id": who}]
    assert {row["where"] for row in journal["mentions"]} >= {"audit.body", "change.key", "sighting.key"}
    files = " ".join(said["files"])
    for each in ("data/sis.xml", "out/feide.ldif", "out/oneroster.zip", "out/passwords/", "var/kept/"):
        assert each in files
    assert said["do_not_send_unread"] is False


def test_no_identity_number_is_in_the_answer(both: Site) -> None:
    for who in pupils(both, SOUTH)[:2]:
        for form in ((), ("--json",)):
            assert number_of(both, who) not in both.cli("explain", who, "--all", *form, code=0).out


def test_what_was_said_of_somebody_at_once_is_in_the_answer_with_a_warning(both: Site) -> None:
    who = pupils(both, SOUTH)[3]
    both.cli("protect", who, "--by", "the head", "--reason", "a letter", "--json", code=0)
    said = both.cli("explain", who, "--all", "--json", code=0).json
    assert said["do_not_send_unread"] is True
    assert [(word["measure"], word["by"], word["reason"]) for word in said["journal"]["words"]] == [
        ("protect", "the head", "a letter")
    ]
    first = both.cli("explain", who, "--all", code=0).out.splitlines()[0]
    assert "Do not send this unread" in first
    assert "Do not send this unread" not in both.cli("explain", pupils(both, SOUTH)[5], "--all", code=0).out


def test_who_has_left_is_answered_from_what_is_left(both: Site) -> None:
    who = pupils(both, SOUTH)[3]
    with_place = both.cli("explain", who, "--all", "--json", code=0).json
    both.night(1, without([who]))
    said = both.cli("explain", with_place["username"], "--all", "--json", "--day", "2026-11-24", code=0).json
    assert said["in_sis"] is False
    assert not said["sources"]
    assert said["journal"]["changes"]


def test_who_is_unknown_is_told_so(both: Site) -> None:
    assert "nobody is known under this" in both.cli("explain", "17870995040", "--all", code=2).err
