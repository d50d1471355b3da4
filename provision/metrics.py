"""What Prometheus is told of sites, in its own exposition format; ids of kinds and targets only."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from provision.core.conditions import conditions
from provision.core.standing import Picture
from provision.standing import Standing

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST

# By further label, what is measured.
Samples = Iterator[tuple[str, float]]


def text(standings: Iterable[Standing], unusable: Iterable[str] = ()) -> str:
    """The metrics of these sites; `unusable` are those that could not be looked at."""
    registry = CollectorRegistry()
    registry.register(_Sites([each.picture for each in standings], tuple(unusable)))
    return generate_latest(registry).decode()


class _Sites(Collector):
    """As the library wants what it is to write."""

    def __init__(self, pictures: list[Picture], unusable: tuple[str, ...]) -> None:
        self._pictures = pictures
        self._unusable = unusable

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("provision_up", "1 where the site's journal can be used.", labels=["site", "job"])
        for picture in self._pictures:
            up.add_metric([picture.site, picture.job], 1)
        for site in self._unusable:
            up.add_metric([site, ""], 0)
        yield up
        for name, (help_, label, samples) in _METRICS.items():
            family = GaugeMetricFamily(name, help_, labels=["site", "job", *([label] if label else [])])
            for picture in self._pictures:
                for value, number in samples(picture):
                    family.add_metric([picture.site, picture.job, *([value] if label else [])], number)
            yield family


def _one(number: float | None) -> Samples:
    if number is not None:
        yield "", number


def _age(picture: Picture, moment: datetime | None) -> float | None:
    return max(0.0, (picture.now - moment).total_seconds()) if moment else None


def _good(picture: Picture) -> Samples:
    yield from ((each.name, each.good.timestamp()) for each in picture.targets if each.good)


def _up(picture: Picture) -> Samples:
    yield from ((each.name, float(not each.failure)) for each in picture.targets if each.tried)


def _held_back(picture: Picture) -> Samples:
    yield from ((each.name, float(each.held_back)) for each in picture.targets if each.tried)


def _content(picture: Picture) -> Samples:
    yield from ((name, _age(picture, as_of) or 0.0) for name, as_of in picture.sources.items())


def _exit_codes(picture: Picture) -> Samples:
    yield from ((each.kind, float(each.exit_code)) for each in picture.slots if each.exit_code is not None)


def _next(picture: Picture) -> Samples:
    yield from ((each.kind, each.next.timestamp()) for each in picture.slots if each.next)


def _last_run(picture: Picture) -> Samples:
    last = picture.last_run
    return _one(last.ended.timestamp() if last and last.ended else None)


def _alerts(picture: Picture) -> Samples:
    found = [each.what.value for each in conditions(picture)]
    yield from ((what, float(found.count(what))) for what in sorted(set(found)))


def _holds(picture: Picture) -> Samples:
    return _one(sum(each.hold.rejected is None for each in picture.holds))


_METRICS: Final[Mapping[str, tuple[str, str, Callable[[Picture], Samples]]]] = {
    "provision_last_run_timestamp_seconds": ("When the last run ended.", "", _last_run),
    "provision_last_good_run_timestamp_seconds": ("When a run last reached the target.", "target", _good),
    "provision_target_up": ("1 where the last run reached the target.", "target", _up),
    "provision_held_back": ("Records that the last run held back.", "target", _held_back),
    "provision_holds": ("Groups of changes that wait for a yes.", "", _holds),
    "provision_open_intents": ("Changes begun without an answer.", "", lambda p: _one(p.open_intents)),
    "provision_oldest_waiting_change_seconds": (
        "For how long the oldest change has waited.",
        "",
        lambda p: _one(_age(p, p.oldest_waiting) or 0.0),
    ),
    "provision_content_age_seconds": ("How old what was read last is.", "source", _content),
    "provision_slot_last_exit_code": ("How scheduled work ended last.", "kind", _exit_codes),
    "provision_slot_next_timestamp_seconds": ("When scheduled work is next.", "kind", _next),
    "provision_audit_whole": ("1 where the audit chain is whole.", "", lambda p: _one(float(p.audit is None))),
    "provision_free_bytes": ("What the disk has left.", "", lambda p: _one(p.free_bytes)),
    "provision_alerts_open": ("Conditions that call for somebody.", "what", _alerts),
}
