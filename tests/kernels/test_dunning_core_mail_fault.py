"""Whose fault a lost e-mail is, by real answers of mail servers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.contact.mail_fault import ADDRESS_KINDS, OWN_KINDS, blames_address

REFUSED = "Mail delivery failed via SMTP server 'smtp.operator.pl'.\nSMTPRecipientsRefused: {'jan@example.com': (%s)}"


@pytest.mark.parametrize(
    "reason",
    [
        "550 no such user",
        REFUSED % "550, b'5.1.1 <jan@example.com>: Recipient address rejected: User unknown'",
        REFUSED % "550, b'Requested action not taken: mailbox unavailable'",
        REFUSED % "552, b'5.2.2 The email account that you tried to reach is over quota'",
        REFUSED % "550, b'5.4.1 Recipient address rejected: Access denied'",
        REFUSED % "553, b'sorry, no mailbox here by that name'",
    ],
)
def test_the_address_itself(reason):
    assert blames_address("unknown", reason)
    assert blames_address("", reason)


@pytest.mark.parametrize(
    "reason",
    [
        "",
        "[Errno 111] Connection refused",
        "timed out",
        "[Errno -3] Temporary failure in name resolution",
        "Could not connect to 10.0.0.5:587",
        "SMTPAuthenticationError: (535, b'5.7.8 Error: authentication failed')",
        "SMTPSenderRefused: (550, b'5.1.8 Sender address rejected: Domain not found', 'bok@operator.pl')",
        "SMTPServerDisconnected: Connection unexpectedly closed",
        REFUSED % "450, b'4.2.0 Greylisted, try again later'",
        REFUSED % "451, b'Temporary local problem'",
        REFUSED % "554, b'5.7.1 Service unavailable; Client host [1.2.3.4] blocked'",
        REFUSED % "550, b'5.7.1 Relaying denied'",
        "SMTPDataError: (421, b'4.3.2 Service shutting down')",
        "Error without exception. Probably due to sending an email without computed recipients.",
    ],
)
def test_not_the_address(reason):
    assert not blames_address("unknown", reason)
    assert not blames_address("", reason)


@given(st.sampled_from(sorted(ADDRESS_KINDS)), st.text())
def test_what_the_mail_system_knows_goes_before_words(kind, reason):
    assert blames_address(kind, reason)


@given(st.sampled_from(sorted(OWN_KINDS)), st.text())
def test_our_own_server_never_blames_the_address(kind, reason):
    assert not blames_address(kind, reason)


@given(st.integers(400, 499), st.text(alphabet="abc ,'"))
def test_later_is_never_never(code, words):
    assert not blames_address("unknown", f"({code}, b'{words}')")
