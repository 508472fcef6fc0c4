"""Errors as the API words them: legacy JSON by default, problem details on request.

Source: OpenAPI 2.9.0, components ExceptionResponse, BadRequestProblemDetails, UnauthorizedProblemDetails,
ForbiddenProblemDetails, GoneProblemDetails, TooManyRequestsResponse, TooManyRequestsProblemDetails; header
``X-Error-Format: problem-details`` chooses the format of 400 and 429, the others are always problem details.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

DESCRIPTIONS = {
    9101: "Nieprawidłowy dokument.",
    9102: "Brak podpisu.",
    9103: "Przekroczona liczba dozwolonych podpisów.",
    9105: "Nieprawidłowy podpis.",
    21001: "Nieczytelna treść.",
    21111: "Nieprawidłowe wyzwanie autoryzacyjne.",
    21115: "Nieprawidłowy certyfikat.",
    21117: "Nieprawidłowy identyfikator podmiotu dla wskazanego typu kontekstu.",
    21155: "Przekroczono dozwoloną liczbę faktur w sesji.",
    21157: "Nieprawidłowy rozmiar części pakietu.",
    21161: "Przekroczono dozwoloną liczbę części pakietu.",
    21164: "Faktura o podanym identyfikatorze nie istnieje.",
    21165: "Faktura o podanym numerze KSeF nie jest jeszcze dostępna.",
    21166: "Korekta techniczna niedostępna.",
    21167: "Status faktury nie pozwala na korektę techniczną.",
    21173: "Brak sesji o wskazanym numerze referencyjnym.",
    21178: "Nie znaleziono UPO dla podanych kryteriów.",
    21180: "Status sesji nie pozwala na wykonanie operacji.",
    21181: "Nieprawidłowe żądanie eksportu faktur.",
    21182: "Osiągnięto limit trwających eksportów.",
    21183: "Zakres filtrowania wykracza poza dostępny zakres danych.",
    21205: "Pakiet nie może być pusty.",
    21208: "Czas oczekiwania na requesty upload lub finish został przekroczony.",
    21217: "Nieprawidłowe kodowanie znaków.",
    21301: "Brak autoryzacji.",
    21304: "Brak uwierzytelnienia.",
    21401: "Dokument nie jest zgodny ze schemą (xsd).",
    21402: "Nieprawidłowy rozmiar pliku.",
    21403: "Nieprawidłowy skrót pliku.",
    21405: "Błąd walidacji danych wejściowych.",
    21406: "Konflikt podpisu i typu uwierzytelnienia.",
    21418: "Przekazany token kontynuacji ma nieprawidłowy format.",
    21470: "Przesłany identyfikator klucza jest nieznany lub wskazuje na wycofany klucz.",
}


class ApiError(Exception):
    """An answer other than success; ``code`` is the KSeF exception code of a 400."""

    def __init__(
        self, status: int, code: int = 0, details: list[str] | None = None, *, title: str = "", **extra: Any
    ) -> None:
        super().__init__(f"{status}/{code}")
        self.status = status
        self.code = code
        self.details = details or []
        self.title = title
        self.extra = extra
        self.headers: dict[str, str] = {}

    def render(self, instance: str, problem_details: bool) -> tuple[dict[str, Any], str]:
        """Return (body, content type)."""
        if self.status == 400 and not problem_details:
            return self._legacy(), "application/json"
        if self.status == 429 and not problem_details:
            status = {"code": 429, "description": "Too Many Requests", "details": self.details}
            return {"status": status}, "application/json"
        return self._problem(instance), "application/problem+json"

    def _legacy(self) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "exceptionCode": self.code,
            "exceptionDescription": DESCRIPTIONS.get(self.code, self.title),
        }
        if self.details:
            entry["details"] = self.details
        info = {
            "exceptionDetailList": [entry],
            "serviceCode": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00",
            "serviceName": "Undefined",
            "timestamp": _now(),
        }
        return {"exception": info}

    def _problem(self, instance: str) -> dict[str, Any]:
        titles = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 410: "Gone", 429: "Too Many Requests"}
        body: dict[str, Any] = {
            "title": self.title or titles.get(self.status, "Error"),
            "status": self.status,
            "instance": instance,
            "timestamp": _now(),
            "traceId": secrets.token_hex(16),
            **self.extra,
        }
        body.setdefault("detail", self.details[0] if self.details else "Żądanie jest nieprawidłowe.")
        if self.status == 400:
            body["detail"] = "Żądanie jest nieprawidłowe."
            description = DESCRIPTIONS.get(self.code, self.title)
            body["errors"] = [{"code": self.code, "description": description, "details": self.details}]
        return body


def bad_request(code: int, *details: str) -> ApiError:
    """A 400 with one KSeF exception code."""
    return ApiError(400, code, list(details))


def unauthorized(detail: str = "Wymagane jest uwierzytelnienie.") -> ApiError:
    """401: no token, a token of the wrong kind, forged or expired."""
    return ApiError(401, details=[detail], detail=detail)


def forbidden(reason: str, detail: str, **security: Any) -> ApiError:
    """403 with its reason code."""
    return ApiError(403, detail=detail, reasonCode=reason, security=security)


def _now() -> str:
    return datetime.now(UTC).isoformat()
