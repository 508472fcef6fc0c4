"""One row of a list of places: its columns, its checks, its meaning."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as with_default
from datetime import date
from decimal import Decimal, InvalidOperation

from .address import fold
from .teryt import Register, teryt_problem

#: column: names that files use for it, the Polish one of our own files first
COLUMNS: dict[str, tuple[str, ...]] = {
    "town": ("miejscowość", "miasto", "town", "city", "locality"),
    "simc": ("SIMC", "kod simc", "id miejscowości", "simc code"),
    "terc": ("TERC", "kod terc", "teryt", "kod teryt", "gmina terc", "terc code"),
    "street": ("ulica", "nazwa ulicy", "street", "street name"),
    "ulic": ("ULIC", "kod ulic", "id ulicy", "ulic code"),
    "building": (
        "nr budynku",
        "numer budynku",
        "budynek",
        "nr domu",
        "numer domu",
        "nr",
        "building",
        "building number",
        "building no",
        "house number",
        "house no",
    ),
    "staircase": ("klatka", "nr klatki", "klatka schodowa", "staircase", "entrance"),
    "premises": (
        "lokal",
        "nr lokalu",
        "numer lokalu",
        "mieszkanie",
        "nr mieszkania",
        "premises",
        "premises number",
        "flat",
        "apartment",
    ),
    "zip": ("kod pocztowy", "kod", "zip", "zip code", "postcode", "postal code"),
    "technologies": ("technologie", "technologia", "technologies", "technology", "medium"),
    "down": (
        "pobieranie",
        "prędkość pobierania",
        "pobieranie mbit/s",
        "download",
        "down",
        "down mbps",
        "download mbit/s",
    ),
    "up": ("wysyłanie", "prędkość wysyłania", "wysyłanie mbit/s", "upload", "up", "up mbps", "upload mbit/s"),
    "node": ("węzeł", "kod węzła", "node", "network node", "node code"),
    "port": ("port", "nr portu", "port number"),
    "latitude": ("szerokość", "szerokość geograficzna", "lat", "latitude"),
    "longitude": ("długość", "długość geograficzna", "lon", "lng", "longitude"),
    "competitor": ("konkurent", "operator", "dostawca", "competitor", "provider"),
    "price": ("cena", "cena brutto", "abonament", "price", "gross price"),
    "date_start": ("od", "data od", "ważne od", "from", "date start", "valid from"),
    "date_end": ("do", "data do", "ważne do", "to", "date end", "valid to"),
}
ALIASES = {re.sub(r"[^a-z0-9]+", "", fold(name)): key for key, names in COLUMNS.items() for name in names}
MAX_LENGTH = 120

_TECHNOLOGIES = {
    "fibre": ("swiatlowod", "swiatlo", "fibre", "fiber", "ftth", "fttb", "gpon", "xgspon", "pon"),
    "hfc": ("hfc", "kabel", "kablowka", "kablowy", "koncentryk", "docsis", "cable", "coax"),
    "radio": ("radio", "radiowy", "radiowe", "radiolinia", "wifi", "fwa", "wireless", "lmds"),
}
_TECHNOLOGY = {name: code for code, names in _TECHNOLOGIES.items() for name in names}
_OTHER_TECHNOLOGY = {
    "mobile": "mobile",
    "komorkowy": "mobile",
    "lte": "mobile",
    "5g": "mobile",
    "dsl": "dsl",
    "adsl": "dsl",
    "vdsl": "dsl",
    "inne": "other",
    "other": "other",
}
_ABSENT = frozenset({"brak", "nie", "none", "no", "not here"})
_PART = re.compile(r"(?P<name>.*?)\s*(?P<down>[0-9]{1,6})?(?:\s*/\s*(?P<up>[0-9]{1,6}))?\s*(?:mb(?:it)?/?(?:p?s)?)?")
# a sign, not the dash between words: "fibre -5", "fibre 5/-1", but neither "fibre - 5" nor "wi-fi 5"
_NEGATIVE = re.compile(r"(?:^|[\s/])[-−–][0-9]")
_STREET_PREFIX = re.compile(r"^(?:ul\.?|ulica)\s+", re.IGNORECASE)
_ZIP = re.compile(r"([0-9]{2})-?([0-9]{3})")
_SPEED = re.compile(r"[0-9]{1,6}")
_WIDTHS = {"terc": 7, "simc": 7, "ulic": 5}


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Why a file cannot be read at all."""

    code: str
    params: dict[str, str] = with_default(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row cannot be taken: the column, what stands there, the reason; ``others``: what else is wrong in the row."""

    field: str
    value: str
    code: str
    params: dict[str, str] = with_default(default_factory=dict)
    others: tuple["RowProblem", ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """A technology at a place with its speeds in Mbit/s (0 = not said)."""

    technology: str
    down: int = 0
    up: int = 0
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class PlaceRow:
    town: str
    simc: str = ""
    terc: str = ""
    street: str = ""
    ulic: str = ""
    building: str = ""
    staircase: str = ""
    premises: str = ""
    zip: str = ""
    reaches: tuple[Reach, ...] = ()
    node: str = ""
    port: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    competitor: str = ""
    technology: str = ""
    down: int = 0
    price: Decimal | None = None
    date_start: date | None = None
    date_end: date | None = None


def place_key(name: str) -> str:
    """What makes two spellings of a name or number the same: letters without case and accents, no blanks."""
    return "".join(fold(name).split())


class _Refused(Exception):
    def __init__(self, problem: RowProblem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def read_row(values: Mapping[str, str], beyond: int = 0) -> PlaceRow | RowProblem:
    """A row from its cells; what is wrong when it cannot be taken: the first thing, with all the others.

    :param values: {column: text}; columns may be absent
    :param beyond: filled cells to the right of the head; -1 = the rest of the file cannot be split into rows
    """
    if beyond < 0:
        return RowProblem("", "", "UNCLOSED_QUOTE")
    if beyond:
        return RowProblem("", "", "TOO_MANY_CELLS", {"count": str(beyond)})
    cell = {key: (values.get(key) or "").strip() for key in COLUMNS}
    try:
        return _row(cell)
    except _Refused as refused:
        first = refused.problem
    return replace(first, others=tuple(problem for problem in _every_problem(cell) if problem != first))


def _every_problem(cell: Mapping[str, str]) -> Iterator[RowProblem]:
    """What each column says against the row by itself, so that a list is corrected in one go."""
    checks: tuple[Callable[[], object], ...] = (
        lambda: _check_structure(cell),
        lambda: _register(cell, "simc"),
        lambda: _register(cell, "terc"),
        lambda: _register(cell, "ulic"),
        lambda: _zip(cell),
        lambda: _offered_technology(cell) if cell["competitor"] else _reaches(cell, 0, 0),
        lambda: _speed(cell, "down"),
        lambda: _speed(cell, "up"),
        lambda: _coordinate(cell, "latitude", 90),
        lambda: _coordinate(cell, "longitude", 180),
        lambda: _price(cell),
        lambda: _date(cell, "date_start"),
        lambda: _date(cell, "date_end"),
    )
    for check in checks:
        try:
            check()
        except _Refused as refused:
            yield refused.problem


def _row(cell: Mapping[str, str]) -> PlaceRow:
    for key, text in cell.items():
        if len(text) > MAX_LENGTH:
            raise _Refused(RowProblem(key, f"{text[:40]}…", "TOO_LONG", {"limit": str(MAX_LENGTH)}))
    _check_structure(cell)
    competitor = cell["competitor"]
    latitude, longitude = _coordinate(cell, "latitude", 90), _coordinate(cell, "longitude", 180)
    if (latitude is None) != (longitude is None):
        missing = "latitude" if latitude is None else "longitude"
        raise _Refused(RowProblem(missing, "", "COORDINATES_HALF"))
    down, up = _speed(cell, "down"), _speed(cell, "up")
    return PlaceRow(
        town=cell["town"],
        simc=_register(cell, "simc"),
        terc=_register(cell, "terc"),
        street=_STREET_PREFIX.sub("", cell["street"]),
        ulic=_register(cell, "ulic"),
        building=cell["building"],
        staircase=cell["staircase"],
        premises=cell["premises"],
        zip=_zip(cell),
        reaches=() if competitor else _reaches(cell, down, up),
        node=cell["node"],
        port=cell["port"],
        latitude=latitude,
        longitude=longitude,
        competitor=competitor,
        technology=_offered_technology(cell) if competitor else "",
        down=down,
        price=_price(cell),
        date_start=_date(cell, "date_start"),
        date_end=_date(cell, "date_end"),
    )


def _check_structure(cell: Mapping[str, str]) -> None:
    if not cell["town"]:
        raise _Refused(RowProblem("town", "", "REQUIRED"))
    needs = (
        ("ulic", "street"),
        ("staircase", "building"),
        ("premises", "building"),
        ("port", "node"),
        ("port", "building"),
    )
    for key, needed in needs:
        if cell[key] and not cell[needed]:
            raise _Refused(RowProblem(needed, "", "NEEDED_BY", {"column": key}))


def _register(cell: Mapping[str, str], register: Register) -> str:
    code = cell[register]
    if not code:
        return ""
    # spreadsheets drop zeros at the beginning
    padded = code.zfill(_WIDTHS[register]) if code.isascii() and code.isdigit() else code
    problem = teryt_problem(register, padded)
    if problem:
        raise _Refused(RowProblem(register, code, f"{register.upper()}_{problem.upper()}"))
    return padded


def _zip(cell: Mapping[str, str]) -> str:
    text = cell["zip"].replace(" ", "")
    if not text:
        return ""
    found = _ZIP.fullmatch(text)
    if not found:
        raise _Refused(RowProblem("zip", cell["zip"], "ZIP"))
    return f"{found[1]}-{found[2]}"


def _speed(cell: Mapping[str, str], key: str) -> int:
    text = re.sub(r"\s*mb(it)?/?(p?s)?$", "", cell[key].lower())
    if not text:
        return 0
    if not _SPEED.fullmatch(text):
        raise _Refused(RowProblem(key, cell[key], "SPEED"))
    return int(text)


def _reaches(cell: Mapping[str, str], down: int, up: int) -> tuple[Reach, ...]:
    parts = [part for part in re.split(r"[,;|+]", cell["technologies"]) if part.strip()]
    reaches = [_reach(part) for part in parts]
    if len({reach.technology for reach in reaches}) < len(reaches):
        raise _Refused(RowProblem("technologies", cell["technologies"], "TECHNOLOGY_TWICE"))
    if down or up:
        if len(reaches) != 1:
            key = "down" if down else "up"
            raise _Refused(RowProblem(key, cell[key], "SPEED_OF_WHICH"))
        one = reaches[0]
        reaches = [Reach(one.technology, down or one.down, up or one.up, one.blocked)]
    return tuple(sorted(reaches, key=lambda reach: reach.technology))


def _reach(part: str) -> Reach:
    text = fold(part).strip()
    blocked = text.startswith("-") or text.split()[-1] in _ABSENT
    words = " ".join(word for word in text.lstrip("- ").split() if word not in _ABSENT)
    found = _PART.fullmatch(words)
    technology = _TECHNOLOGY.get(_plain(found["name"])) if found else None
    if not found or not technology or _NEGATIVE.search(words):
        named = any(_plain(word) in _TECHNOLOGY for word in re.split(r"[\s/]+", words))
        raise _Refused(RowProblem("technologies", part.strip(), "SPEED" if named else "TECHNOLOGY"))
    return Reach(technology, int(found["down"] or 0), int(found["up"] or 0), blocked)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name)


def _offered_technology(cell: Mapping[str, str]) -> str:
    text = _plain(fold(cell["technologies"]))
    technology = _TECHNOLOGY.get(text) or _OTHER_TECHNOLOGY.get(text)
    if not technology:
        raise _Refused(RowProblem("technologies", cell["technologies"], "TECHNOLOGY"))
    return technology


def _number(cell: Mapping[str, str], key: str, code: str, holds: Callable[[Decimal], bool]) -> Decimal | None:
    text = re.sub(r"\s|zł|PLN", "", cell[key]).replace(",", ".")
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not holds(number):
        raise _Refused(RowProblem(key, cell[key], code))
    return number


def _coordinate(cell: Mapping[str, str], key: str, limit: int) -> Decimal | None:
    number = _number(cell, key, key.upper(), lambda one: abs(one) <= limit)
    return None if number is None else number.quantize(Decimal("0.000001"))


def _price(cell: Mapping[str, str]) -> Decimal | None:
    number = _number(cell, "price", "PRICE", lambda one: 0 <= one < 1_000_000)
    return None if number is None else number.quantize(Decimal("0.01"))


def _date(cell: Mapping[str, str], key: str) -> date | None:
    text = cell[key]
    if not text:
        return None
    polish = re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", text)
    try:
        return date(int(polish[3]), int(polish[2]), int(polish[1])) if polish else date.fromisoformat(text)
    except ValueError:
        raise _Refused(RowProblem(key, text, "DATE")) from None
