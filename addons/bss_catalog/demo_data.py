"""Tables of the demo operator: zones, prefixes, rates, offerings, buildings. Data, not code.

The company, its people and its number blocks are invented; the prefixes of countries are real.
"""

from .catalog_core.numbering import POLISH_AREAS, POLISH_MOBILE

COMPANY = {
    "name": "Demo Telekom Sp. z o.o.",
    "street": "ul. Światłowodowa 7",
    "zip": "99-300",
    "city": "Kutno",
    "vat": "PL1234563218",
    "company_registry": "123456785",
    "phone": "+48 24 770 00 00",
    "email": "biuro@demotelekom.example",
}
# Clearing number of the demo operator's bank and its account, without check digits
BANK = {"name": "PKO Bank Polski", "bic": "BPKOPLPW", "b24": "102010550000910200000001"}

# Number blocks of the operator itself (zone ONNET)
OWN_BLOCKS = (
    ("4824770", "Demo Telekom – Kutno"),
    ("4861670", "Demo Telekom – Gniezno"),
    ("48730900", "Demo Telekom – mobile"),
)

# code, name, kind, {note: prefixes}
ZONES = (
    ("ONNET", "W sieci Demo Telekom", "on_net", {note: prefix for prefix, note in OWN_BLOCKS}),
    (
        "PL-FIX",
        "Polska – stacjonarne",
        "national_fixed",
        {"Polska": " ".join(f"48{area}" for area in sorted(POLISH_AREAS))},
    ),
    ("PL-VOIP", "Polska – numery VoIP", "national_fixed", {"Polska – VoIP": "4839"}),
    ("PL-UNI", "Polska – numery uniwersalne 804", "national_fixed", {"Polska – 804": "48804"}),
    ("PL-SHARE", "Polska – infolinie 801", "national_fixed", {"Polska – 801": "48801"}),
    (
        "PL-MOB",
        "Polska – komórkowe",
        "national_mobile",
        {"Polska": " ".join(f"48{area}" for area in sorted(POLISH_MOBILE))},
    ),
    ("PL-FREE", "Polska – bezpłatne 800", "free", {"Polska – 800": "48800", "Polska – 116": "48116"}),
    ("PL-SOS", "Polska – alarmowe", "emergency", {"Polska": "48112 48997 48998 48999"}),
    ("PL-INFO", "Polska – informacja 118", "premium", {"Polska – 118": "48118"}),
    ("PL-SHORT", "Polska – numery skrócone 19", "premium", {"Polska – 19xxx": "4819"}),
    (
        "PL-PREM",
        "Polska – o podwyższonej opłacie 70x",
        "premium",
        {"Polska – 70x": "48700 48701 48703 48704 48706 48707 48708"},
    ),
    (
        "EU-FIX",
        "Unia Europejska – stacjonarne",
        "international",
        {
            "Niemcy": "49",
            "Francja": "33",
            "Hiszpania": "34",
            "Włochy": "39",
            "Niderlandy": "31",
            "Belgia": "32",
            "Austria": "43",
            "Czechy": "420",
            "Słowacja": "421",
            "Węgry": "36",
            "Rumunia": "40",
            "Bułgaria": "359",
            "Grecja": "30",
            "Portugalia": "351",
            "Irlandia": "353",
            "Dania": "45",
            "Szwecja": "46",
            "Finlandia": "358",
            "Litwa": "370",
            "Łotwa": "371",
            "Estonia": "372",
            "Słowenia": "386",
            "Chorwacja": "385",
            "Cypr": "357",
            "Malta": "356",
            "Luksemburg": "352",
            "Norwegia": "47",
            "Islandia": "354",
            "Liechtenstein": "423",
        },
    ),
    (
        "EU-MOB",
        "Unia Europejska – komórkowe",
        "international",
        {
            "Niemcy – komórkowe": "4915 4916 4917",
            "Francja – komórkowe": "336 337",
            "Hiszpania – komórkowe": "346 347",
            "Włochy – komórkowe": "393",
            "Niderlandy – komórkowe": "316",
            "Belgia – komórkowe": "3246 3247 3248 3249",
            "Austria – komórkowe": "4366 4367 4368 4369",
            "Czechy – komórkowe": "42060 42072 42073 42077 42079",
            "Słowacja – komórkowe": "42190 42191 42194 42195",
            "Węgry – komórkowe": "3620 3630 3670",
            "Rumunia – komórkowe": "407",
            "Irlandia – komórkowe": "3538",
            "Szwecja – komórkowe": "467",
            "Litwa – komórkowe": "3706",
            "Łotwa – komórkowe": "3712",
        },
    ),
    ("GB-FIX", "Wielka Brytania – stacjonarne", "international", {"Wielka Brytania": "44"}),
    ("GB-MOB", "Wielka Brytania – komórkowe", "international", {"Wielka Brytania – komórkowe": "447"}),
    ("CH", "Szwajcaria", "international", {"Szwajcaria": "41"}),
    ("UA", "Ukraina", "international", {"Ukraina": "380"}),
    ("BY-MD", "Białoruś i Mołdawia", "international", {"Białoruś": "375", "Mołdawia": "373"}),
    (
        "BALKAN",
        "Bałkany poza UE",
        "international",
        {
            "Serbia": "381",
            "Bośnia i Hercegowina": "387",
            "Czarnogóra": "382",
            "Macedonia Północna": "389",
            "Albania": "355",
        },
    ),
    ("US-CA", "USA i Kanada", "international", {"USA i Kanada": "1"}),
    (
        "CARIB",
        "Karaiby",
        "international",
        {
            "Bahamy": "1242",
            "Barbados": "1246",
            "Jamajka": "1876",
            "Dominikana": "1809 1829 1849",
            "Kuba": "53",
        },
    ),
    ("TR-IL", "Turcja i Izrael", "international", {"Turcja": "90", "Izrael": "972"}),
    ("RU-KZ", "Rosja i Kazachstan", "international", {"Rosja": "7", "Kazachstan": "77"}),
    ("CAUCASUS", "Kaukaz", "international", {"Gruzja": "995", "Armenia": "374", "Azerbejdżan": "994"}),
    (
        "ASIA1",
        "Azja Wschodnia",
        "international",
        {
            "Chiny": "86",
            "Japonia": "81",
            "Korea Południowa": "82",
            "Hongkong": "852",
            "Singapur": "65",
            "Tajwan": "886",
        },
    ),
    (
        "ASIA2",
        "Azja Południowa",
        "international",
        {"Indie": "91", "Pakistan": "92", "Wietnam": "84", "Tajlandia": "66", "Filipiny": "63", "Nepal": "977"},
    ),
    ("OCEANIA", "Australia i Nowa Zelandia", "international", {"Australia": "61", "Nowa Zelandia": "64"}),
    (
        "LATAM",
        "Ameryka Łacińska",
        "international",
        {
            "Meksyk": "52",
            "Brazylia": "55",
            "Argentyna": "54",
            "Chile": "56",
            "Kolumbia": "57",
            "Peru": "51",
        },
    ),
    (
        "AFRICA",
        "Afryka",
        "international",
        {
            "Egipt": "20",
            "Maroko": "212",
            "Tunezja": "216",
            "RPA": "27",
            "Nigeria": "234",
            "Kenia": "254",
        },
    ),
    (
        "GULF",
        "Zatoka Perska",
        "international",
        {"Zjednoczone Emiraty Arabskie": "971", "Arabia Saudyjska": "966", "Katar": "974"},
    ),
    ("SAT", "Sieci satelitarne", "premium", {"Inmarsat": "870", "Iridium": "8816 8817", "Thuraya": "88216"}),
    ("PL-PREM-EV", "Polska – 704 44, za połączenie", "premium", {"Polska – 704 44": "4870444"}),
    ("ROAM-EU", "Roaming – Unia Europejska", "roaming", {}),
    ("ROAM-EU-IN", "Roaming UE – połączenia odebrane", "roaming", {}),
    ("ROAM-WORLD", "Roaming – reszta świata", "roaming", {}),
    ("DATA", "Transmisja danych w kraju", "content", {}),
    ("APN-FIRMA", "Transmisja danych – APN firmowy", "content", {}),
    ("VOD", "Filmy na życzenie", "content", {}),
)
# Mobile country codes (ITU-T E.212) of the countries with roaming at domestic prices
ROAM_LIKE_HOME = {
    "202": "Grecja", "204": "Niderlandy", "206": "Belgia", "208": "Francja", "214": "Hiszpania", "216": "Węgry",
    "219": "Chorwacja", "222": "Włochy", "226": "Rumunia", "230": "Czechy", "231": "Słowacja", "232": "Austria",
    "238": "Dania", "240": "Szwecja", "242": "Norwegia", "244": "Finlandia", "246": "Litwa", "247": "Łotwa",
    "248": "Estonia", "262": "Niemcy", "268": "Portugalia", "270": "Luksemburg", "272": "Irlandia", "274": "Islandia",
    "278": "Malta", "280": "Cypr", "284": "Bułgaria", "293": "Słowenia", "295": "Liechtenstein",
}  # fmt: skip
# zone: (kind of code, value, country or network)
ZONE_CODES = {
    "ROAM-EU": tuple(("network", mcc, country) for mcc, country in ROAM_LIKE_HOME.items()),
    "ROAM-EU-IN": tuple(("incoming", mcc, country) for mcc, country in ROAM_LIKE_HOME.items()),
    "ROAM-WORLD": (("network", "*", "Pozostałe kraje"), ("incoming", "*", "Pozostałe kraje")),
    "DATA": (("usage", "data", "Bez własnego APN"),),
    "APN-FIRMA": (("apn", "firma.demotelekom", "Dostęp do sieci firmowej"),),
    "VOD": (("usage", "content", "Wypożyczenia"),),
}

# zone: (price per minute, connection fee, first increment, next increments), net micro-PLN
VOICE_RATES = {
    "ONNET": (0, 0, 1, 1),
    "PL-FIX": (60_000, 0, 1, 1),
    "PL-VOIP": (60_000, 0, 1, 1),
    "PL-UNI": (80_000, 0, 60, 60),
    "PL-SHARE": (285_000, 0, 60, 60),
    "PL-MOB": (100_000, 0, 1, 1),
    "PL-FREE": (0, 0, 1, 1),
    "PL-SOS": (0, 0, 1, 1),
    "PL-INFO": (2_080_000, 0, 60, 60),
    "PL-SHORT": (290_000, 0, 60, 60),
    "PL-PREM": (3_690_000, 0, 60, 60),
    "EU-FIX": (120_000, 0, 1, 1),
    "EU-MOB": (160_000, 0, 1, 1),
    "GB-FIX": (150_000, 0, 1, 1),
    "GB-MOB": (290_000, 0, 30, 6),
    "CH": (390_000, 0, 30, 6),
    "UA": (590_000, 0, 30, 6),
    "BY-MD": (1_290_000, 0, 60, 60),
    "BALKAN": (790_000, 0, 60, 1),
    "US-CA": (120_000, 0, 1, 1),
    "CARIB": (1_490_000, 150_000, 60, 60),
    "TR-IL": (490_000, 0, 60, 1),
    "RU-KZ": (1_190_000, 0, 60, 60),
    "CAUCASUS": (990_000, 0, 60, 60),
    "ASIA1": (350_000, 0, 60, 1),
    "ASIA2": (890_000, 0, 60, 60),
    "OCEANIA": (290_000, 0, 60, 1),
    "LATAM": (690_000, 0, 60, 60),
    "AFRICA": (1_690_000, 150_000, 60, 60),
    "GULF": (1_390_000, 150_000, 60, 60),
    "SAT": (19_500_000, 500_000, 60, 60),
}
# zone: price per message, net micro-PLN
SMS_RATES = {
    "ONNET": 0,
    "PL-FIX": 90_000,
    "PL-MOB": 90_000,
    "EU-FIX": 60_000,
    "EU-MOB": 60_000,
    "GB-MOB": 250_000,
    "UA": 250_000,
    "US-CA": 250_000,
}
DATA_RATES = {"PL-MOB": 20_000}
UPSTREAM = {"charge_basis": "upstream", "multiplier_micro": 1_200_000}  # what the partner asks, and 20 %
# zone, usage, values of the rate: what is not a plain price per minute, message or megabyte
SPECIAL_RATES = (
    ("PL-PREM-EV", "voice", {"price_micro": 2_500_000, "charge_basis": "event"}),
    ("ONNET", "mms", {"price_micro": 0}),
    ("PL-MOB", "mms", {"price_micro": 200_000, "step_bytes": 307_200}),
    ("ROAM-EU", "voice", {"price_micro": 100_000, "chain": "30/1"}),
    ("ROAM-EU", "sms", {"price_micro": 90_000}),
    ("ROAM-EU", "data", {"price_micro": 5_600, "data_block_bytes": 1_024, "rounding": "session"}),
    ("ROAM-EU-IN", "voice", {"price_micro": 0}),
    ("ROAM-WORLD", "voice", UPSTREAM),
    ("ROAM-WORLD", "sms", UPSTREAM),
    ("ROAM-WORLD", "data", UPSTREAM),
    ("DATA", "data", {"price_micro": 20_000, "rounding": "session"}),
    ("APN-FIRMA", "data", {"price_micro": 5_000, "rounding": "period"}),
    ("VOD", "content", {"price_micro": 9_900_000}),
)
DOMESTIC = ("ONNET", "PL-FIX", "PL-VOIP", "PL-MOB")

SERVICE_CATEGORY = "Usługi telekomunikacyjne"
SERVICE_INCOME = "chart70000300"  # 70.000.300 "Sprzedaż usług na kraj" of the Polish chart

# code, name, kind, service, price, extra values
OFFERINGS = (
    (
        "NET300",
        "Internet światłowodowy 300",
        "recurring",
        "internet",
        "59.00",
        {"bss_technology": "fibre", "bss_down_mbps": 300, "bss_up_mbps": 50},
    ),
    (
        "NET600",
        "Internet światłowodowy 600",
        "recurring",
        "internet",
        "69.00",
        {"bss_technology": "fibre", "bss_down_mbps": 600, "bss_up_mbps": 100},
    ),
    (
        "NET1000",
        "Internet światłowodowy 1000",
        "recurring",
        "internet",
        "89.00",
        {"bss_technology": "fibre", "bss_down_mbps": 1000, "bss_up_mbps": 300},
    ),
    ("TVBASIC", "Telewizja Podstawowa", "recurring", "tv", "39.00", {}),
    ("TVMAX", "Telewizja Max", "recurring", "tv", "64.00", {}),
    ("TVSPORT", "Pakiet Sport", "recurring", "tv", "25.00", {}),
    ("MOB-S", "Komórka S", "recurring", "mobile", "19.00", {"bss_technology": "mobile"}),
    ("MOB-M", "Komórka M", "recurring", "mobile", "29.00", {"bss_technology": "mobile"}),
    ("MOB-L", "Komórka L", "recurring", "mobile", "45.00", {"bss_technology": "mobile"}),
    # no free units: what it costs does not depend on other usage
    ("MOB-MIN", "Komórka na minuty", "recurring", "mobile", "5.00", {"bss_technology": "mobile"}),
    ("VOIP", "Telefon domowy", "recurring", "voip", "9.90", {}),
    ("STATICIP", "Stały adres IP", "recurring", "internet", "12.00", {}),
    ("ACT", "Opłata aktywacyjna", "one_off", "other", "49.00", {}),
    ("ROUTER", "Router Wi-Fi 6", "device", "internet", "249.00", {"type": "consu"}),
    ("STB", "Dekoder TV 4K", "device", "tv", "199.00", {"type": "consu"}),
    ("SIM", "Karta SIM", "device", "mobile", "5.00", {"type": "consu"}),
    ("USAGE", "Połączenia ponad pakiet", "usage", "other", "0.00", {}),
)
# offering: (name, unit, quantity, zones)
ALLOWANCES = {
    "MOB-S": (("100 minut w kraju", "s", 100 * 60, DOMESTIC), ("50 SMS", "sms", 50, ("ONNET", "PL-MOB"))),
    "MOB-M": (("300 minut w kraju", "s", 300 * 60, DOMESTIC), ("200 SMS", "sms", 200, ("ONNET", "PL-MOB"))),
    "MOB-L": (
        ("1000 minut w kraju", "s", 1000 * 60, DOMESTIC),
        ("60 minut do UE", "s", 60 * 60, ("EU-FIX", "EU-MOB")),
        ("1000 SMS", "sms", 1000, ("ONNET", "PL-MOB")),
    ),
    "VOIP": (("60 minut w kraju", "s", 60 * 60, DOMESTIC),),
}
WITH_RATE_PLAN = ("MOB-S", "MOB-M", "MOB-L", "MOB-MIN", "VOIP")
BUNDLE = {
    "code": "DUO",
    "name": "Duo Internet + TV",
    # part, optional, discount %
    "parts": (("NET600", False, 10.0), ("TVBASIC", False, 20.0), ("TVSPORT", True, 0.0)),
}

# street, house, city, zip, TERC, technologies, staircases, premises in each staircase
BUILDINGS = (
    ("Kościuszki", "12", "Kutno", "99-300", "1002011", ("fibre", "hfc"), ("A", "B"), 6),
    ("Grunwaldzka", "5", "Kutno", "99-300", "1002011", ("fibre",), ("I", "II"), 6),
    ("Chrobrego", "31", "Gniezno", "62-200", "3003011", ("fibre", "hfc"), ("A", "B"), 6),
    ("Wrzesińska", "40", "Gniezno", "62-200", "3003011", ("fibre", "radio"), ("A",), 8),
)
