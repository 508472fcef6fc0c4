"""Whose fault an e-mail is that did not arrive: an address is blamed only for what its own server said about it.

Replies of SMTP: RFC 5321 (550, 551, 552, 553: the mailbox; 4xx: try again later), enhanced codes: RFC 3463 (5.1.x the
address, but 5.1.7 and 5.1.8 the sender's; 5.2.x the mailbox; 5.4.x no way to it; 5.3.x, 5.5.x, 5.6.x, 5.7.x the mail
system, the dialogue, the content, the policy against the sender).
"""

from __future__ import annotations

import re

#: kinds of failure, as the mail system names them
ADDRESS_KINDS = frozenset({"mail_bounce", "mail_email_invalid", "mail_email_missing", "mail_bl", "mail_optout"})
OWN_KINDS = frozenset({"mail_smtp", "mail_from_invalid", "mail_from_missing", "mail_spam"})
#: errors of the way to our own mail server or of what we told it
_OWN_ERRORS = re.compile(
    r"SMTP(SenderRefused|AuthenticationError|HeloError|ConnectError|NotSupportedError|ServerDisconnected)"
)
_ENHANCED = re.compile(r"\b([45])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.]*\d)")
_SENDERS = frozenset({7, 8})
_ADDRESS_SUBJECTS = frozenset({1, 2, 4})
_ADDRESS_REPLIES = frozenset({"550", "551", "552", "553"})


def blames_address(kind: str, reason: str) -> bool:
    """Tell whether writing to the same address again is of no use.

    :param kind: code of the failure, empty or ``unknown`` where only the words are known
    :param reason: words of the mail server or of the error
    """
    if kind in ADDRESS_KINDS:
        return True
    if kind in OWN_KINDS or _OWN_ERRORS.search(reason):
        return False
    enhanced = _ENHANCED.search(reason)
    if enhanced:
        lasting, subject, detail = (int(part) for part in enhanced.groups())
        return lasting == 5 and subject in _ADDRESS_SUBJECTS and not (subject == 1 and detail in _SENDERS)
    reply = _REPLY.search(reason)
    return bool(reply and reply.group(1) in _ADDRESS_REPLIES)
