"""Writes what follows from the code: the JSON Schemas that editors read, and the privacy table of the shipped job.

`python -m provision.schemas` refreshes them here; `python -m provision.schemas --site DIR` prints a site's own table.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from provision.config import Job, load_job, load_mapping
from provision.config.inventory import DevicesMapping
from provision.core.mapping_file import MappingFile
from provision.core.rules.families import FAMILIES
from provision.errors import ConfigurationError
from provision.reports.privacy import Flow, between_markers, flows, table

_CHECKOUT: Final = Path(__file__).resolve().parents[1]
_PRIVACY_PAGE: Final = Path("docs/privacy.md")
_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"


def job_schema() -> dict[str, Any]:
    """The JSON Schema of jobs/*.toml."""
    return _schema(Job, "A job of provision: what is read, what is written, and on what terms")


def mapping_schema() -> dict[str, Any]:
    """The JSON Schema of mappings/*.toml, with the names of all rules."""
    schema = _schema(MappingFile, "A mapping of provision: what goes where for one family of targets")
    rules = sorted({name for family in FAMILIES.values() for rules in family.rules.values() for name in rules})
    for choice in schema["$defs"]["FieldSpec"]["properties"]["rule"]["anyOf"]:
        if choice["type"] == "string":
            choice["enum"] = rules
    return schema


def devices_schema() -> dict[str, Any]:
    """The JSON Schema of mappings/devices/*.toml."""
    return _schema(DevicesMapping, "A mapping of devices: how a table of machines, in CSV or XLSX, is read")


def generated(checkout: Path) -> Mapping[Path, str]:
    """Every file that follows from the code, by its path in the checkout, as it should be."""
    page = (checkout / _PRIVACY_PAGE).read_text(encoding="utf-8")
    return {
        Path("jobs/job.schema.json"): _text(job_schema()),
        Path("mappings/mapping.schema.json"): _text(mapping_schema()),
        Path("mappings/devices/devices.schema.json"): _text(devices_schema()),
        _PRIVACY_PAGE: between_markers(page, table(site_flows(checkout, "nightly"))),
    }


def site_flows(site: Path, job_name: str) -> list[Flow]:
    """What the job of a site sends to each of its targets. Raises ConfigurationError."""
    job = load_job(site, job_name)
    return [
        flow
        for target in job.targets
        for flow in flows(
            target.name,
            load_mapping(site, target.mapping, ""),
            job.terms(),
            first_passwords=target.passwords.policy == "random",
        )
    ]


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    return {"$schema": _DRAFT, **model.model_json_schema(), "title": title}


def _text(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def main(arguments: Sequence[str]) -> int:
    """The command; 3 where the site's job or mapping has faults."""
    parser = argparse.ArgumentParser(prog="python -m provision.schemas", description=__doc__)
    parser.add_argument("--site", type=Path, help="print the privacy table of this site; writes nothing")
    parser.add_argument("--job", default="nightly", help="of this job; default nightly")
    asked = parser.parse_args(arguments)
    if asked.site is None:
        for path, text in generated(_CHECKOUT).items():
            (_CHECKOUT / path).write_text(text, encoding="utf-8")
        return 0
    try:
        sys.stdout.write(table(site_flows(asked.site, asked.job)))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
