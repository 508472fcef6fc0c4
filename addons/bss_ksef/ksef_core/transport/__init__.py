"""Client of the KSeF 2.0 API.

Own code for the calls, because the http client, the clock and the waiting are injected and because a lost answer must
stay distinguishable from a refusal. `ksef-client` signs (XAdES) and encrypts keys and single invoices (RSA-OAEP, AES);
packages are encrypted while they are written (see `package`). Its http layer makes its own connection and refuses
upload links to a private network, which a proxy or a simulator needs.
"""

from . import auth, export, gate, keys, limits, mask, online, package, result, session, upload, upo

__all__ = [
    "auth",
    "export",
    "gate",
    "keys",
    "limits",
    "mask",
    "online",
    "package",
    "result",
    "session",
    "upload",
    "upo",
]
