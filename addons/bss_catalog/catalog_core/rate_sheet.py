"""A rate plan as a workbook: its rows, its columns and the words that stand for values, in English and Polish."""

from dataclasses import dataclass, field

from .rate_tiers import FLAT, RateTier
from .time_bands import WEEKDAYS, Band

RATES, ZONES, BANDS = "rates", "zones", "bands"
SHEETS = {RATES: ("Rates", "Stawki"), ZONES: ("Zones", "Strefy"), BANDS: ("Bands", "Pasma")}
LANGUAGES = ("en", "pl")

# column key: its header in English and in Polish, then other headers that are understood
COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    RATES: {
        "zone": ("Zone", "Strefa"),
        "zone_name": ("Zone name", "Nazwa strefy"),
        "usage_kind": ("Usage", "Ruch", "Rodzaj użycia"),
        "band": ("Time band", "Pasmo czasowe"),
        "price": ("Price", "Cena"),
        "connect_fee": ("Connection fee", "Opłata za rozpoczęcie połączenia", "Opłata za połączenie"),
        "chain": ("Increments", "Naliczanie"),
        "data_block": ("Data block (bytes)", "Blok danych (bajty)"),
        "min_charge": ("Minimum charge", "Opłata minimalna"),
        "max_charge": ("Maximum charge", "Opłata maksymalna"),
        "decimals": ("Decimals", "Miejsca po przecinku"),
        "basis": ("Charged", "Rozliczanie"),
        "markup": ("Mark-up (%)", "Narzut (%)"),
        "rounding": ("Blocks are started by", "Bloki rozpoczyna"),
        "size_step": ("Size step (bytes)", "Krok wielkości (bajty)"),
        "tier_model": ("Price model", "Model ceny"),
        "tiers": ("Tiers", "Progi"),
    },
    ZONES: {
        "zone": ("Zone", "Strefa"),
        "zone_name": ("Zone name", "Nazwa strefy"),
        "kind": ("Kind of zone", "Rodzaj strefy"),
        "prefix": ("Prefix", "Prefiks"),
        "note": ("Country or network", "Kraj lub sieć"),
        "codes": ("Codes", "Kody"),
    },
    BANDS: {
        "band": ("Time band", "Pasmo czasowe"),
        "name": ("Name", "Nazwa"),
        "mon": ("Monday", "Poniedziałek"),
        "tue": ("Tuesday", "Wtorek"),
        "wed": ("Wednesday", "Środa"),
        "thu": ("Thursday", "Czwartek"),
        "fri": ("Friday", "Piątek"),
        "sat": ("Saturday", "Sobota"),
        "sun": ("Sunday", "Niedziela"),
        "holiday": ("Holidays", "Święta"),
        "from": ("From", "Od"),
        "to": ("To", "Do"),
        "months": ("Months", "Miesiące"),
        "first": ("First day", "Od dnia"),
        "last": ("Last day", "Do dnia"),
        "weight": ("Weight", "Waga"),
    },
}
REQUIRED = {
    RATES: ("zone", "usage_kind", "price"),
    ZONES: ("zone", "prefix"),
    BANDS: ("band", *WEEKDAYS, "holiday", "from", "to"),
}
# value: its word in English and in Polish, then other words; the value itself is understood too
USAGE_WORDS: dict[str, tuple[str, ...]] = {
    "voice": ("Voice", "Połączenia", "Połączenia głosowe"),
    "sms": ("SMS", "SMS"),
    "mms": ("MMS", "MMS"),
    "data": ("Data", "Dane"),
    "premium": ("Premium", "Premium"),
    "content": ("Content", "Treści"),
}
BASIS_WORDS: dict[str, tuple[str, ...]] = {
    "unit": ("Per unit", "Za jednostkę"),
    "event": ("Per event", "Za zdarzenie"),
    "upstream": ("By the cost", "Według kosztu"),
}
ROUNDING_WORDS: dict[str, tuple[str, ...]] = {
    "event": ("Each event", "Każde zdarzenie"),
    "session": ("Each session", "Każda sesja"),
    "period": ("Each period", "Każdy okres"),
}
TIER_WORDS: dict[str, tuple[str, ...]] = {
    "flat": ("One price", "Jedna cena"),
    "graduated": ("Each unit at its tier", "Każda jednostka po cenie swojego progu"),
    "volume": ("All units at the tier reached", "Wszystkie jednostki po cenie osiągniętego progu"),
    "package": ("Started packages", "Rozpoczęte pakiety"),
    "stairstep": ("One amount per tier", "Jedna kwota na próg"),
}
ZONE_WORDS: dict[str, tuple[str, ...]] = {
    "national_fixed": ("National fixed", "Krajowe stacjonarne"),
    "national_mobile": ("National mobile", "Krajowe komórkowe"),
    "international": ("International", "Międzynarodowe"),
    "premium": ("Premium", "Premium"),
    "free": ("Free", "Bezpłatne"),
    "emergency": ("Emergency", "Alarmowe"),
    "on_net": ("On-net", "W sieci"),
    "roaming": ("Roaming", "Roaming"),
    "content": ("Data and content", "Dane i treści"),
}


@dataclass(frozen=True, slots=True)
class RateRow:
    """One price; amounts in micro-PLN. ``row`` is the line of the workbook, 0 when it comes from elsewhere."""

    zone: str
    usage_kind: str
    price_micro: int
    band: str = ""
    connect_fee_micro: int = 0
    chain: tuple[int, ...] = (1, 1)
    data_block_bytes: int = 102_400
    min_charge_micro: int = 0
    max_charge_micro: int = 0
    decimals: int = 4
    basis: str = "unit"
    tier_model: str = FLAT
    tiers: tuple[RateTier, ...] = ()
    multiplier_micro: int = 1_000_000
    rounding: str = "event"
    step_bytes: int = 0
    zone_name: str = field(default="", compare=False)
    row: int = field(default=0, compare=False)

    @property
    def key(self) -> tuple[str, str, str]:
        return self.zone, self.usage_kind, self.band


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone with its (prefix, country or network) and codes; ``kind`` and ``name`` empty, ``codes`` None = as the zone is."""

    code: str
    name: str = ""
    kind: str = ""
    prefixes: tuple[tuple[str, str], ...] = ()
    codes: tuple[str, ...] | None = ()
    row: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class BandRow:
    name: str
    band: Band
    row: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PlanBook:
    rates: tuple[RateRow, ...] = ()
    zones: tuple[ZoneRow, ...] = ()
    bands: tuple[BandRow, ...] = ()


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong where: sheet as it is named in the file, row from 1, header of the column, the value as text."""

    sheet: str
    row: int
    column: str
    value: str
    code: str
    params: dict[str, str] = field(default_factory=dict)
    position: int = 0  # of the column, from 1; 0 = no single cell


def word_of(words: dict[str, tuple[str, ...]], value: str, language: str) -> str:
    return words[value][LANGUAGES.index(language)]


def value_of(words: dict[str, tuple[str, ...]], text: str) -> str | None:
    """Value for a word of either language, or for itself; None when nobody says so."""
    wanted = " ".join(text.split()).casefold()
    for value, names in words.items():
        if wanted in {value, *(name.casefold() for name in names)}:
            return value
    return None
