"""What the SIS or the job says from now on counts from the next request."""

from lxml.etree import _Element

from tests.app.sites import NORTH, Site
from tests.web.served import served
from tests.web.test_access import head_of

LEADS = "05"


def leaderless(root: _Element) -> None:
    """Nobody leads a school any more; everybody still works there."""
    for role in root.iterfind("{*}membership/{*}member/{*}role"):
        if role.get("roletype") == LEADS:
            role.set("roletype", "04")


def test_who_leads_no_school_any_more_sees_none(own_site: Site) -> None:
    with served([own_site.folder]) as pages:
        head = pages.named(head_of(pages, NORTH))
        assert head.open(f"/schools/{NORTH}").status_code == 200
        own_site.night(1, leaderless)
        assert head.open(f"/schools/{NORTH}").status_code == 404
        assert head.open("/").status_code == 200


def test_who_is_no_it_any_more_sees_nothing_of_it(own_site: Site) -> None:
    with served([own_site.folder]) as pages:
        person = pages.named("it@hemne.kommune.no")
        assert person.open("/sessions").status_code == 200
        own_site.replace("jobs/nightly.toml", ('it_people = ["it@hemne.kommune.no"]', "it_people = []"))
        assert person.open("/sessions").status_code == 404


def test_a_job_with_a_fault_leaves_the_pages_as_they_were(own_site: Site) -> None:
    with served([own_site.folder]) as pages:
        person = pages.named("it@hemne.kommune.no")
        own_site.append("jobs/nightly.toml", "nonsense = [")
        assert person.open("/sessions").status_code == 200


def test_a_site_that_cannot_be_opened_takes_no_other_along(own_site: Site) -> None:
    broken = own_site.folder.parent / "broken"
    (broken / "jobs").mkdir(parents=True)
    (broken / "jobs" / "nightly.toml").write_text("nonsense = [", encoding="utf-8")
    with served([broken, own_site.folder]) as pages:
        assert pages.named("it@hemne.kommune.no").open("/").status_code == 200
