"""A PIFU-IMS file is read whole or not at all."""

import gc
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from lxml import etree

from provision.errors import ConfigurationError, SourceError
from provision.formats.pifu_ims import NAMESPACE_1_1, NAMESPACES
from tests import pifu


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sis.xml"


def refusal(path: Path, content: bytes | str, encoding: str | None = None) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SourceError) as caught:
        pifu.source(path, encoding).read()
    return str(caught.value)


def given_names(path: Path, content: bytes, encoding: str | None = None) -> list[str]:
    path.write_bytes(content)
    return [row["given_name"] for row in pifu.rows(pifu.source(path, encoding).read(), "users")]


@pytest.mark.parametrize("prefix", ["", "p", "ims-e"])
@pytest.mark.parametrize("namespace", NAMESPACES)
def test_both_namespaces_are_read_with_any_prefix(path: Path, namespace: str, prefix: str) -> None:
    plain = pifu.small()
    body = plain[plain.index("</properties>\n") + len("</properties>\n") : plain.index("</enterprise>")]
    content = pifu.document(body, namespace=namespace, prefix=prefix)
    assert not prefix or f"<{prefix}:person>" in content
    assert given_names(path, content.encode()) == ["Åse", "Jo", "Ole"]


def test_a_file_cut_at_any_byte_is_refused(path: Path) -> None:
    school = pifu.org("skole-1", pifu.SCHOOL)
    whole = pifu.document(pifu.person("e1", "Åse"), school, pifu.membership("skole-1", pifu.member("e1"))).encode()
    last = whole.rindex(b">")
    assert given_names(path, whole[: last + 1]) == ["Åse"]
    for end in range(last + 1):
        message = refusal(path, whole[:end])
        assert str(path) in message
        assert "Nordmann" not in message


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "windows-1252", "UTF-16"])
def test_the_declared_encoding_is_honoured(path: Path, encoding: str) -> None:
    assert given_names(path, pifu.declared(pifu.small(), encoding)) == ["Åse", "Jo", "Ole"]


def test_utf8_needs_no_declaration_and_may_have_a_bom(path: Path) -> None:
    assert given_names(path, b"\xef\xbb\xbf" + pifu.small().encode()) == ["Åse", "Jo", "Ole"]


def test_the_encoding_can_be_told_where_the_file_says_none_or_a_wrong_one(path: Path) -> None:
    latin = pifu.small().encode("latin-1")
    wrong = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    assert given_names(path, latin, "ISO-8859-1") == ["Åse", "Jo", "Ole"]
    assert given_names(path, wrong + latin, "ISO-8859-1") == ["Åse", "Jo", "Ole"]


def test_an_encoding_that_nobody_knows_is_a_fault_of_the_configuration(path: Path) -> None:
    path.write_text(pifu.small(), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="klingon"):
        pifu.source(path, "klingon").read()


@pytest.mark.parametrize(
    "declaration", [b"", b'<?xml version="1.0" encoding="UTF-8"?>', b'<?xml version="1.0" encoding="US-ASCII"?>']
)
def test_letters_of_another_encoding_than_declared_are_refused(path: Path, declaration: bytes) -> None:
    message = refusal(path, declaration + pifu.small().encode("latin-1"))
    assert "letters that are not of the file's encoding" in message
    assert ", line " in message


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1252"])
@pytest.mark.parametrize("letters", list("æøåÆØÅ"))
def test_utf8_that_was_declared_as_something_else_is_refused(path: Path, encoding: str, letters: str) -> None:
    body = pifu.document(pifu.person("elev-1", f"K{letters}ri"), pifu.ORGS)
    message = refusal(path, f'<?xml version="1.0" encoding="{encoding}"?>\n'.encode() + body.encode())
    assert "line 4: letters damaged by a wrong encoding" in message


def test_letters_that_were_lost_before_the_export_are_noticed(path: Path) -> None:
    assert "damaged" in refusal(path, pifu.document(pifu.person("elev-1", "K\ufffdre"), pifu.ORGS))
    assert "damaged" in refusal(path, pifu.document(pifu.ORGS, pifu.group("b-1", title="MellomtrinnetÃ¥")))


def test_names_of_the_world_are_not_taken_for_damage(path: Path) -> None:
    names = ["JOÃO", "Ãngela", "Çağla", "Nguyễn", "李", "Þórður", "Māra"]
    people = [pifu.person(f"elev-{n}", name) for n, name in enumerate(names)]
    assert given_names(path, pifu.document(*people, pifu.ORGS).encode()) == names


BOMB = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]>\n"
OUTSIDE = "<!DOCTYPE x [<!ENTITY c SYSTEM 'file:///etc/hostname'>]>\n"


@pytest.mark.parametrize("doctype", [BOMB, OUTSIDE, "<!DOCTYPE enterprise>\n", "<!-- <a> --><!DOCTYPE enterprise>\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_refused_whatever_it_holds(path: Path, doctype: str, encoding: str) -> None:
    content = doctype + pifu.small().replace("Ole", "&c;" if "ENTITY" in doctype else "Ole")
    assert "DOCTYPE" in refusal(path, content.encode(encoding))


def test_an_entity_that_nobody_declared_is_refused(path: Path) -> None:
    assert "not well-formed" in refusal(path, pifu.small().replace("Ole", "&oslash;"))


@pytest.mark.parametrize(
    ("kind", "said"),
    [("delta", "a delta file"), ("event", "not a full file"), ("melding", "not a full file"), ("", "")],
)
def test_only_a_full_file_is_read(path: Path, kind: str, said: str) -> None:
    message = refusal(path, pifu.document(pifu.person("elev-1"), pifu.ORGS, kind=kind))
    assert said in message
    assert "line 2" in message
    assert "set the export to full" in message


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-08-17T02:00:00", datetime(2026, 8, 17, tzinfo=UTC)),
        ("2026-12-17T02:00:00", datetime(2026, 12, 17, 1, tzinfo=UTC)),
        ("2026-08-17", datetime(2026, 8, 16, 22, tzinfo=UTC)),
        ("2026-08-17Z", datetime(2026, 8, 16, 22, tzinfo=UTC)),
        ("2026-08-17+02:00", datetime(2026, 8, 16, 22, tzinfo=UTC)),
        ("2026-08-17T02:00:00Z", datetime(2026, 8, 17, 2, tzinfo=UTC)),
        ("2026-08-17T02:00:00.1234567+05:30", datetime(2026, 8, 17, 2, 0, 0, 123456, timezone(timedelta(minutes=330)))),
    ],
)
def test_the_moment_is_the_files_own(path: Path, moment: str, expected: datetime) -> None:
    path.write_text(pifu.document(pifu.person("elev-1"), pifu.ORGS, moment=moment), encoding="utf-8")
    extract = pifu.source(path).read()
    assert extract.as_of == expected
    assert extract.as_of is not None
    assert extract.as_of.tzinfo is not None
    assert extract.read_at == pifu.NOW


@pytest.mark.parametrize("moment", ["", "yesterday", "20260817", "2026-W34-1", "2026-13-01", "2026-08-17T25:00:00"])
def test_a_file_that_does_not_say_when_it_was_made_is_refused(path: Path, moment: str) -> None:
    message = refusal(path, pifu.document(pifu.person("elev-1"), pifu.ORGS, moment=moment))
    assert "line 2: properties/datetime" in message


def test_a_file_without_properties_is_refused(path: Path) -> None:
    content = pifu.document(pifu.person("elev-1"), pifu.ORGS)
    start, end = content.index("<properties"), content.index("</properties>") + len("</properties>")
    assert "no properties" in refusal(path, content[:start] + content[end:])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b'<?xml version="1.0"?>\n', "no root element"),
        (b"<html><body>Please log in</body></html>", "the root element is not <enterprise>"),
        (b'{"error": "unauthorised"}', "not well-formed"),
        (b"sourced_id;name\n1;a\n", "not well-formed"),
        (b"<enterprise></enterprise>", "namespace"),
        (b'<enterprise xmlns="http://www.imsglobal.org/xsd/imsent"></enterprise>', NAMESPACE_1_1),
        (b"\x1f\x8b\x08\x00\x00", "not"),
    ],
)
def test_what_is_no_pifu_document_is_refused(path: Path, content: bytes, said: str) -> None:
    assert said in refusal(path, content)


@pytest.mark.parametrize("extra", ["<person/>", "text", "<!DOCTYPE x>", "</enterprise>"])
def test_anything_after_the_end_is_refused(path: Path, extra: str) -> None:
    assert "line" in refusal(path, pifu.small() + extra)


def test_a_header_without_people_is_refused(path: Path) -> None:
    assert "holds no person" in refusal(path, pifu.document(pifu.ORGS))
    assert "holds no person" in refusal(path, pifu.document(pifu.person("elev-1", given=""), pifu.ORGS))


def test_people_without_a_school_are_refused(path: Path) -> None:
    assert "holds no school" in refusal(path, pifu.document(pifu.person("elev-1"), pifu.OWNER))
    unnumbered = pifu.org("skole-1", "")
    assert "holds no school" in refusal(path, pifu.document(pifu.person("elev-1"), pifu.OWNER, unnumbered))


def test_a_person_or_group_after_the_memberships_is_refused(path: Path) -> None:
    for late in (pifu.person("elev-2"), pifu.group("b-1")):
        pieces = (pifu.person("elev-1"), pifu.ORGS, pifu.membership("skole-1", pifu.member("elev-1")), late)
        assert "after the first membership" in refusal(path, pifu.document(*pieces))


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        pifu.source(tmp_path / "nothing.xml").read()
    with pytest.raises(SourceError, match="cannot be read"):
        pifu.source(tmp_path).read()


@pytest.mark.parametrize("addition", [b"", b"<person"])
def test_a_file_that_changes_while_it_is_read_is_refused(path: Path, addition: bytes) -> None:
    path.write_text(pifu.small(), encoding="utf-8")

    def meddle(_read: int, _total: int) -> None:
        with path.open("ab") as stream:
            stream.write(addition)
        os.utime(path, (1, 1))

    with pytest.raises(SourceError, match="still being written"):
        pifu.source(path, progress=meddle).read()


def test_a_name_of_millions_of_letters_does_not_get_far(path: Path) -> None:
    assert "line 5" in refusal(path, pifu.small().replace("Ole", "x" * 11_000_000))


def test_progress_counts_the_bytes(path: Path) -> None:
    filler = "<!-- " + "x" * 1_000_000 + " -->"
    path.write_text(pifu.document(pifu.person("elev-1"), filler, pifu.ORGS), encoding="utf-8")
    seen: list[tuple[int, int]] = []
    pifu.source(path, progress=lambda count, total: seen.append((count, total))).read()
    size = path.stat().st_size
    assert len(seen) > 2
    assert seen == sorted(seen)
    assert seen[-1] == (size, size)


MEMBERS = 120_000
MEASURE = """
import resource, sys
from pathlib import Path
from provision.formats.pifu_ims_read import read
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
count = 0
for piece in read(Path(sys.argv[1])):
    count += len(getattr(piece, "roles", "x"))
print(count, (peak() - before) // 1024)
"""


def test_a_large_file_is_read_in_bounded_memory(path: Path) -> None:
    """60 MB of persons, and one membership larger than any chunk: neither may stay in memory."""
    person = pifu.person("elev-1", rest=pifu.element("email", "elev-1@nordlys.example"))
    member = pifu.member("elev-1", pifu.role(begin="2026-08-01", end="2027-07-31"))
    with path.open("w", encoding="utf-8") as out:
        head, tail = pifu.document("|").split("|")
        out.write(head)
        out.writelines(f"{person}\n" for _ in range(MEMBERS))
        out.write(pifu.ORGS)
        opening, closing = pifu.membership("skole-1", "|").split("|")
        out.write(opening)
        out.writelines(f"{member}\n" for _ in range(MEMBERS))
        out.write(closing + tail)
    assert path.stat().st_size > 55_000_000
    printed = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True
    ).stdout
    count, megabytes = map(int, printed.split())
    assert count == 2 * MEMBERS + 3
    assert megabytes < 30


def test_a_large_document_is_never_held_whole(tmp_path: Path) -> None:
    """Reading holds the rows, not the elements: those would need many times as much."""
    people = "".join(pifu.person(f"p{number}", "Åse") for number in range(4000))
    members = "".join(pifu.member(f"p{number}", pifu.role("01")) for number in range(4000))
    path = tmp_path / "sis.xml"
    path.write_text(pifu.document(people, pifu.ORGS, pifu.membership("skole-1", members)), encoding="utf-8")
    pifu.source(path).read()
    gc.collect()
    assert not [each for each in gc.get_objects() if isinstance(each, etree._Element)]
