"""Questions to the web API of the National Bank of Poland over HTTP."""

import requests

from .dunning_core.nbp import rates_path, read_answer
from .dunning_core.result import Failure

TIMEOUT_S = 15


def fetch(address, code, first, last):
    """Mid rates of a currency from day to day (at most ``nbp.MAX_DAYS``), or a failure."""
    try:
        answer = requests.get(
            address.rstrip("/") + rates_path(code, first, last),
            params={"format": "json"},
            headers={"Accept": "application/json"},
            timeout=TIMEOUT_S,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        return Failure("NBP_UNREACHABLE", {"why": str(error)[:200]})
    return read_answer(answer.status_code, answer.content, code, first, last)
