"""Two-dimensional code of a domestic transfer, as the Polish Bank Association (ZBP) defines it.

``NIP|PL|NRB|amount in grosze|name|title|reserve 1|reserve 2|reserve 3``, at most 160 characters.
"""

from dataclasses import dataclass, field

NAME_LENGTH = 20
TITLE_LENGTH = 32
TOTAL_LENGTH = 160
MAX_GROSZE = 999_999


@dataclass(frozen=True, slots=True)
class TransferQr:
    payload: str
    # True when the payer types the amount: six digits of grosze do not hold it
    amount_open: bool = False


@dataclass(frozen=True, slots=True)
class QrProblem:
    code: str
    params: dict[str, str] = field(default_factory=dict)


def _clean(text: str, length: int) -> str:
    """One line without the separator, cut at a word when that loses little."""
    line = " ".join(text.replace("|", " ").split())
    if len(line) <= length:
        return line
    cut = line[:length].rstrip()
    head, _space, _tail = cut.rpartition(" ")
    at_word_end = line[length : length + 1] == " "
    return cut if at_word_end or len(head) < length * 3 // 4 else head


def _bare(text: str) -> str:
    upper = text.upper()
    return upper if upper.isalnum() else "".join(ch for ch in upper if ch.isalnum())


def _nrb_fits(nrb: str) -> bool:
    if len(nrb) != 26 or not (nrb.isascii() and nrb.isdigit()):
        return False
    return int(nrb[2:] + "2521" + nrb[:2]) % 97 == 1


def transfer_qr(
    nrb: str,
    amount_grosze: int,
    name: str,
    title: str,
    nip: str = "",
) -> TransferQr | QrProblem:
    """Text of the code; ``nip`` is the receiver's, empty for a person."""
    account = _bare(nrb).removeprefix("PL")
    receiver_nip = _bare(nip).removeprefix("PL")
    if not _nrb_fits(account):
        return QrProblem("BAD_ACCOUNT", {"account": nrb})
    if receiver_nip and (len(receiver_nip) != 10 or not receiver_nip.isdigit()):
        return QrProblem("BAD_NIP", {"nip": nip})
    if amount_grosze < 0:
        return QrProblem("NEGATIVE_AMOUNT", {"amount": str(amount_grosze)})
    if not name.strip():
        return QrProblem("NO_NAME")
    amount_open = amount_grosze > MAX_GROSZE
    payload = "|".join(
        (
            receiver_nip,
            "PL",
            account,
            f"{0 if amount_open else amount_grosze:06d}",
            _clean(name, NAME_LENGTH),
            _clean(title, TITLE_LENGTH),
            "",
            "",
            "",
        )
    )
    if len(payload) > TOTAL_LENGTH:
        return QrProblem("TOO_LONG", {"length": str(len(payload))})
    return TransferQr(payload, amount_open)
