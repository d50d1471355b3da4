"""Every error of the library below has a meaning for us, and none of them brings a person's data along."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.core import exceptions as ldap
from ldap3.core.results import DO_NOT_RAISE_EXCEPTIONS, RESULT_CODES

from provision.directory.refusals import (
    TABLE,
    LostReply,
    TakesNoWrites,
    Unwilling,
    complaint,
    meaning,
    refusal,
    unreadable,
)
from provision.errors import ChangeRejected, ChangeStale, ProvisionError, TargetUnavailable
from tests.canaries import NAME

THEIRS = [kind for _, kind in inspect.getmembers(ldap, inspect.isclass) if issubclass(kind, ldap.LDAPException)]
RESULTS = [kind for kind in THEIRS if issubclass(kind, ldap.LDAPOperationResult)]


@pytest.mark.parametrize("kind", [kind for kind in THEIRS if kind is not ldap.LDAPException])
def test_every_error_of_the_library_means_something(kind: type[ldap.LDAPException]) -> None:
    ours, words = meaning(kind)
    assert issubclass(ours, ProvisionError)
    assert words


def test_every_result_that_the_library_knows_stands_in_the_table_itself() -> None:
    assert len(RESULTS) > 40
    assert set(RESULTS) <= TABLE.keys()


def test_every_result_code_but_success_becomes_an_error() -> None:
    for code in set(RESULT_CODES) - {0, 5, 6}:  # 5 and 6 answer a comparison
        assert isinstance(refusal(ldap.LDAPOperationResult(code, message=""), "server"), ProvisionError), code
    assert set(DO_NOT_RAISE_EXCEPTIONS) > {0}, "the library raises by itself now: the client can be simpler"


@pytest.mark.parametrize("kind", [kind for kind in THEIRS if kind is not ldap.LDAPException])
def test_a_failed_read_proves_nothing(kind: type[ldap.LDAPException]) -> None:
    """Nothing that goes wrong while reading may pass for "this one record"."""
    ours = unreadable(kind("x"), "server")
    assert isinstance(ours, TargetUnavailable) or kind is ldap.LDAPNoSuchObjectResult


def test_a_server_that_takes_no_writes_is_known_by_its_words() -> None:
    assert isinstance(_refused(53, "operation restricted"), TakesNoWrites)
    assert isinstance(_refused(53, "the backend is read-only"), TakesNoWrites)
    assert isinstance(_refused(53, "password hashing scheme not supported"), Unwilling)
    assert isinstance(_refused(10, ""), TakesNoWrites)


def test_a_lost_connection_is_no_verdict_and_a_slow_one_ends_the_work() -> None:
    assert isinstance(refusal(ldap.LDAPSessionTerminatedByServerError(""), "server"), LostReply)
    reset = type("", (ldap.LDAPSocketReceiveError, ConnectionResetError), {})
    slow = type("", (ldap.LDAPSocketReceiveError, TimeoutError), {})
    assert isinstance(refusal(reset(""), "server"), LostReply)
    assert type(refusal(slow(""), "server")) is TargetUnavailable


def test_what_the_entry_lacks_is_told_apart_from_what_is_out_of_date() -> None:
    assert isinstance(_refused(65, "object class 'person' requires attribute 'sn'"), ChangeRejected)
    assert isinstance(_refused(122, ""), ChangeStale)
    assert isinstance(_refused(16, "modify/delete: mail: no such value"), ChangeStale)


def test_a_complaint_names_attributes_and_classes_only() -> None:
    assert complaint("object class 'person' requires attribute 'sn'", ["cn"]) == "person, sn"
    assert complaint(f"mail: value #0 ({NAME}) invalid per syntax", ["mail", "cn"]) == "mail"
    assert complaint("modify/add: eduPersonOrgDN: multiple values", ["edupersonorgdn"]) == "edupersonorgdn"
    assert complaint("", ["cn"]) == ""


@given(value=st.text(min_size=3), code=st.sampled_from(sorted(set(RESULT_CODES) - {0, 5, 6})))
def test_a_refusal_repeats_nothing_that_was_sent(value: str, code: int) -> None:
    sentence = f"server: {meaning(type(ldap.LDAPOperationResult(code)))[1]}"
    theirs = ldap.LDAPOperationResult(code, dn=value, message=f"mail: the value «{value}» is not wanted")
    ours = refusal(theirs, "server", ["mail"])
    assert str(ours).removeprefix(sentence) in ("", " (mail)", "server: it takes no writes now")


def _refused(code: int, diagnostic: str) -> ProvisionError:
    return refusal(ldap.LDAPOperationResult(code, message=diagnostic), "server")
