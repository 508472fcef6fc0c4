"""Subscribers of the demo operator. All people, firms and numbers are invented; tax numbers pass their checksum."""

# Surname by gender of the given name, so that every name is good Polish
HOUSEHOLDS = (
    "Anna Nowak",
    "Piotr Kowalski",
    "Katarzyna Wiśniewska",
    "Tomasz Wójcik",
    "Małgorzata Kamińska",
    "Krzysztof Lewandowski",
    "Agnieszka Zielińska",
    "Andrzej Szymański",
    "Barbara Woźniak",
    "Marcin Dąbrowski",
    "Ewa Kozłowska",
    "Paweł Jankowski",
    "Krystyna Mazur",
    "Michał Kwiatkowski",
    "Elżbieta Krawczyk",
    "Grzegorz Kaczmarek",
    "Joanna Piotrowska",
    "Rafał Grabowski",
    "Zofia Zając",
    "Jakub Pawłowski",
    "Monika Michalska",
    "Łukasz Król",
    "Teresa Wieczorek",
    "Adam Jabłoński",
    "Magdalena Wróbel",
    "Stanisław Nowakowski",
    "Danuta Majewska",
    "Zbigniew Olszewski",
    "Dorota Stępień",
    "Jerzy Malinowski",
    "Halina Jaworska",
    "Tadeusz Adamczyk",
    "Renata Dudek",
    "Wojciech Nowicki",
    "Irena Pawlak",
    "Henryk Górski",
    "Beata Witkowska",
    "Mariusz Walczak",
    "Jadwiga Sikora",
    "Dariusz Baran",
    "Iwona Rutkowska",
    "Ryszard Michalak",
    "Aleksandra Szewczyk",
    "Kazimierz Ostrowski",
    "Natalia Tomaszewska",
    "Marek Pietrzak",
    "Karolina Wróblewska",
    "Bartosz Marciniak",
    "Justyna Jasińska",
    "Dawid Zawadzki",
)
# name, NIP
SOLE_TRADERS = (
    ("Zakład Fryzjerski Elegancja Iwona Bąk", "7752633013"),
    ("Usługi Remontowe Jan Chmielewski", "7751944202"),
    ("Gabinet Stomatologiczny Marta Sobczak", "7842510774"),
    ("Auto-Naprawa Sławomir Urban", "7842023181"),
    ("Biuro Rachunkowe Bilans Hanna Kubiak", "7751188456"),
    ("Kwiaciarnia Pod Lipami Ewelina Szulc", "7841109354"),
    ("Studio Projektowe Filip Lis", "7752401171"),
)
COMPANIES = (
    ("Stolarnia Dębowa Sp. z o.o.", "7841992624"),
    ("Piekarnia Kłos Sp. z o.o.", "7842334716"),
    ("Przychodnia Zdrowie Sp. z o.o.", "7752700123"),
    ("Transport Wielkopolski Sp. z o.o.", "7841885408"),
    ("Drukarnia Akcent S.A.", "7751599082"),
    ("Hotel Pałacowy Sp. z o.o.", "7842166041"),
)
MUNICIPALITIES = (("Gmina Modrzewiec", "7752311870"),)

# Offering codes of each kind of subscriber, taken in turn
HOUSEHOLD_PACKAGES = (
    ("NET300",),
    ("DUO",),
    ("NET300", "MOB-M"),
    ("NET600", "TVMAX", "TVSPORT"),
    ("NET300", "TVBASIC", "VOIP"),
    ("NET300", "MOB-S", "VOIP"),
    ("NET1000", "TVMAX", "MOB-L"),
    ("DUO", "MOB-M", "MOB-S"),
    ("TVBASIC", "VOIP"),
    ("NET600", "MOB-S", "MOB-MIN"),
)
MOBILE_ONLY_PACKAGES = (("MOB-S",), ("MOB-L",), ("MOB-M", "MOB-M"))
SOLE_TRADER_PACKAGES = (("NET600", "VOIP", "MOB-M"), ("NET300", "STATICIP", "VOIP"), ("NET1000", "MOB-L"))
COMPANY_PACKAGES = (
    ("NET1000", "STATICIP", "VOIP", "VOIP", "MOB-L", "MOB-L", "MOB-M"),
    ("NET600", "STATICIP", "VOIP", "MOB-M"),
)
MUNICIPALITY_PACKAGE = ("NET1000", "STATICIP", "VOIP", "VOIP", "VOIP", "VOIP", "MOB-M", "MOB-M", "MOB-M")

# Addresses of those who have no premises in the operator's buildings
OTHER_ADDRESSES = (
    ("ul. Polna 4", "99-300", "Kutno"),
    ("ul. Ogrodowa 17", "62-200", "Gniezno"),
    ("ul. Słoneczna 8", "99-300", "Kutno"),
    ("ul. Dworcowa 21", "62-200", "Gniezno"),
    ("ul. Szkolna 2", "99-320", "Modrzewiec"),
)

MOBILE_BLOCK = "48730900"  # + three digits
VOIP_BLOCKS = {"Kutno": "4824770", "Gniezno": "4861670"}  # + four digits
DEVICE_OF = {"internet": "ROUTER", "tv": "STB", "mobile": "SIM"}
SERIAL_PREFIX = {"ROUTER": "RT26", "STB": "TV26", "SIM": "8948260000"}

# One subscriber in this many began in the middle of the month before: prorated, with an activation fee
NEWCOMER_EVERY = 9
NEWCOMER_DAYS = (5, 12, 16, 20, 24)
