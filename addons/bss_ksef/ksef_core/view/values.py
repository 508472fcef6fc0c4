"""Values of FA(3) as people read them. Nothing is rounded or left out: a code keeps its word beside it."""

from __future__ import annotations

from typing import Final

NBSP = "\u00a0"
_YES = {"1": "tak", "2": "nie"}

FLAGS: Final = frozenset(
    [
        "BrakID",
        "JST",
        "GV",
        "RolaInna",
        "FP",
        "TP",
        "ZwrotAkcyzy",
        "P_16",
        "P_17",
        "P_18",
        "P_18A",
        "P_19",
        "P_19N",
        "P_22",
        "P_22N",
        "P_42_5",
        "P_23",
        "P_PMarzy",
        "P_PMarzy_2",
        "P_PMarzy_3_1",
        "P_PMarzy_3_2",
        "P_PMarzy_3_3",
        "P_PMarzyN",
        "NrKSeF",
        "NrKSeFN",
        "NrKSeFZN",
        "StanPrzed",
        "StanPrzedZ",
        "P_12_Zal_15",
        "P_12Z_Zal_15",
        "Zaplacono",
        "PlatnoscInna",
        "TransportInny",
        "LadunekInny",
        "PodmiotPosredniczacy",
    ]
)
NUMBERS: Final = frozenset(
    [
        "P_15",
        "P_15Z",
        "P_15ZK",
        "KursWaluty",
        "KursWalutyZ",
        "KursWalutyZK",
        "KursWalutyZW",
        "KursUmowny",
        "Udzial",
        "P_8B",
        "P_9A",
        "P_9B",
        "P_10",
        "P_11",
        "P_11A",
        "P_11Vat",
        "P_12_XII",
        "KwotaAkcyzy",
        "P_8BZ",
        "P_9AZ",
        "P_11NettoZ",
        "P_11VatZ",
        "P_12Z_XII",
        "KwotaAkcyzyZ",
        "WartoscZamowienia",
        "Kwota",
        "SumaObciazen",
        "SumaOdliczen",
        "DoZaplaty",
        "DoRozliczenia",
        "KwotaZaplatyCzesciowej",
    ]
)
KINDS: Final = {
    "VAT": "Faktura",
    "KOR": "Faktura korygująca",
    "ZAL": "Faktura zaliczkowa",
    "ROZ": "Faktura rozliczająca zaliczki",
    "UPR": "Faktura uproszczona",
    "KOR_ZAL": "Faktura korygująca fakturę zaliczkową",
    "KOR_ROZ": "Faktura korygująca fakturę rozliczającą zaliczki",
}
ROLES: Final = {
    "1": "faktor",
    "2": "odbiorca",
    "3": "podmiot pierwotny",
    "4": "dodatkowy nabywca",
    "5": "wystawca faktury",
    "6": "dokonujący płatności",
    "7": "jednostka samorządu terytorialnego – wystawca",
    "8": "jednostka samorządu terytorialnego – odbiorca",
    "9": "członek grupy VAT – wystawca",
    "10": "członek grupy VAT – odbiorca",
    "11": "pracownik",
}
_LOADS = (
    "bańka|beczka|butla|karton|kanister|klatka|kontener|kosz/koszyk|łubianka|opakowanie zbiorcze|paczka|pakiet|paleta|"
    "pojemnik|pojemnik do ładunków masowych stałych|pojemnik do ładunków masowych w postaci płynnej|pudełko|puszka|"
    "skrzynia|worek"
)
CODES: Final[dict[str, dict[str, str]]] = {
    "RodzajFaktury": {code: name.lower() for code, name in KINDS.items()},
    "Rola": ROLES,
    "RolaPU": {"1": "organ egzekucyjny", "2": "komornik sądowy", "3": "przedstawiciel podatkowy"},
    "StatusInfoPodatnika": {
        "1": "w likwidacji",
        "2": "w postępowaniu restrukturyzacyjnym",
        "3": "w upadłości",
        "4": "przedsiębiorstwo w spadku",
    },
    "TypKorekty": {
        "1": "w dacie faktury pierwotnej",
        "2": "w dacie faktury korygującej",
        "3": "w innej dacie lub w różnych datach",
    },
    "FormaPlatnosci": {
        "1": "gotówka",
        "2": "karta",
        "3": "bon",
        "4": "czek",
        "5": "kredyt",
        "6": "przelew",
        "7": "mobilna",
    },
    "ZnacznikZaplatyCzesciowej": {"1": "zapłacono w części", "2": "zapłacono w całości, w częściach"},
    "RachunekWlasnyBanku": {
        "1": "rozliczenie nabytych wierzytelności",
        "2": "pobranie należności od nabywcy i przekazanie jej dostawcy",
        "3": "gospodarka własna banku",
    },
    "RodzajTransportu": {
        "1": "morski",
        "2": "kolejowy",
        "3": "drogowy",
        "4": "lotniczy",
        "5": "przesyłka pocztowa",
        "7": "stałe instalacje przesyłowe",
        "8": "żegluga śródlądowa",
    },
    "OpisLadunku": {str(code): name for code, name in enumerate(_LOADS.split("|"), start=1)},
}


def shown(name: str, text: str) -> str:
    """`text` of the element `name` for print."""
    if name in FLAGS:
        return _YES.get(text, text)
    if is_number(name):
        return number(text)
    if name in ("P_12", "P_12Z") and text.isdigit():
        return f"{text}%"
    word = CODES.get(name, {}).get(text)
    return f"{text} – {word}" if word else text


def is_number(name: str) -> bool:
    return name in NUMBERS or name.startswith(("P_13_", "P_14_"))


def number(text: str) -> str:
    """A decimal number of XML with comma and groups of three; every digit stays."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, point, rest = digits.partition(".")
    if not whole.isdigit() or (point and not rest.isdigit()):
        return text
    groups = f"{int(whole):,}".replace(",", NBSP) if not whole.startswith("0") else whole
    return f"{sign}{groups}{',' if point else ''}{rest}"
