"""Does the payer's name fit a customer's?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations

_WORD = re.compile(r"[A-Z]{3,}")
#: a name of so many words is taken apart whole; of so many it is taken apart at all
_FEW_WORDS, _MOST_WORDS = 5, 8
_GIVEN_TEXT = """
ADA ADAM ADELA ADRIAN ADRIANA AGATA AGNIESZKA ALAN ALBERT ALEKSANDER ALEKSANDRA ALFRED ALICJA ALINA ALOJZY
AMELIA ANASTAZJA ANDRZEJ ANETA ANGELIKA ANIELA ANITA ANNA ANTONI ANTONINA APOLONIA ARKADIUSZ ARTUR AUGUSTYN
BARBARA BARTLOMIEJ BARTOSZ BEATA BENEDYKT BERNADETA BERNARD BLANKA BLAZEJ BOGDAN BOGUMIL BOGUMILA BOGUSLAW
BOGUSLAWA BOLESLAW BOZENA BRONISLAW BRONISLAWA BRUNO BRYGIDA CECYLIA CELINA CEZARY CZESLAW CZESLAWA DAGMARA
DAMIAN DANIEL DANIELA DANUTA DARIA DARIUSZ DAWID DIANA DOMINIK DOMINIKA DOROTA EDWARD EDYTA ELIZA ELZBIETA EMIL
EMILIA ERNEST ERYK ESTERA EUGENIA EUGENIUSZ EWA EWELINA FABIAN FELIKS FILIP FRANCISZEK FRANCISZKA FRYDERYK
GABRIEL GABRIELA GENOWEFA GERARD GERTRUDA GRAZYNA GRZEGORZ GUSTAW HALINA HANNA HELENA HENRYK HENRYKA HUBERT IGA
IGNACY IGOR ILONA IRENA IRENEUSZ IRMINA IWONA IZABELA JACEK JADWIGA JAGODA JAKUB JAN JANINA JANUSZ JAROSLAW
JERZY JOANNA JOLANTA JOWITA JOZEF JOZEFA JUDYTA JULIA JULIAN JULIANNA JULIUSZ JUSTYNA KACPER KAJETAN KAMIL
KAMILA KAROL KAROLINA KATARZYNA KAZIMIERA KAZIMIERZ KINGA KLARA KLAUDIA KLEMENS KONRAD KONSTANTY KORNEL KORNELIA
KRYSTIAN KRYSTYNA KRZYSZTOF KSAWERY LAURA LECH LENA LEOKADIA LEON LEONARD LESZEK LIDIA LILIANA LILLA LUCJA
LUCJAN LUCYNA LUDWIK LUDWIKA LUKASZ MACIEJ MAGDA MAGDALENA MAJA MAKSYMILIAN MALGORZATA MALWINA MARCEL MARCELI
MARCELINA MARCIN MAREK MARIA MARIAN MARIANNA MARIOLA MARIUSZ MARLENA MARTA MARTYNA MARYLA MATEUSZ MATYLDA
MELANIA MICHALINA MICHAL MIECZYSLAW MIECZYSLAWA MIKOLAJ MILENA MILOSZ MIROSLAW MIROSLAWA MONIKA NADIA NATALIA
NATASZA NIKODEM NIKOLA NINA NORBERT OKTAWIA OLAF OLGA OLIWIA OLIWIER OSKAR PATRYCJA PATRYK PAULA PAULINA PAWEL
PELAGIA PIOTR PRZEMYSLAW RADOSLAW RAFAL REGINA REMIGIUSZ RENATA ROBERT ROKSANA ROMAN ROMANA ROMUALD ROZALIA ROZA
RYSZARD SABINA SALOMEA SANDRA SARA SEBASTIAN SEWERYN SLAWOMIR SLAWOMIRA STANISLAW STANISLAWA STEFAN STEFANIA
STELLA SYLWESTER SYLWIA SZCZEPAN SZYMON TADEUSZ TAMARA TEODOR TEODORA TERESA TOBIASZ TOMASZ TYMON TYMOTEUSZ
URSZULA WACLAW WACLAWA WALDEMAR WALENTYNA WALERIA WANDA WERONIKA WIESLAW WIESLAWA WIKTOR WIKTORIA WINCENTY
WIOLETA WIOLETTA WIT WITOLD WLADYSLAW WLADYSLAWA WLODZIMIERZ WOJCIECH ZBIGNIEW ZDZISLAW ZDZISLAWA ZENON ZOFIA
ZUZANNA ZYGMUNT ZYTA OLEKSANDR OLENA IRYNA NATALIIA YULIIA ANDRII IVAN SERHII TETIANA OKSANA VOLODYMYR MYKOLA
VIKTORIIA
"""
#: common given names; what a person's name holds beside them is the surname
GIVEN = frozenset(_GIVEN_TEXT.split())
_COMMON_TEXT = """
FIRMA FHU PHU PPHU PPUH FUH PW PRZEDSIEBIORSTWO HANDLOWE HANDLOWO USLUGOWE USLUGOWA PRODUKCYJNO ZAKLAD SKLEP
BIURO RACHUNKOWE GRUPA CENTRUM POLSKA POLSKI SPOLKA HURTOWNIA APTEKA RESTAURACJA GABINET KANCELARIA UL ULICA AL
ALEJA OS OSIEDLE PL PLAC NR M LOK MIESZKANIA WARSZAWA KRAKOW LODZ WROCLAW POZNAN GDANSK LUBLIN KATOWICE SZCZECIN
BYDGOSZCZ I ORAZ LUB PAN PANI DR MGR INZ
"""
#: words of firms and addresses that tell nobody from another
_COMMON = frozenset(_COMMON_TEXT.split())


@lru_cache(maxsize=4096)
def _words(key: str) -> frozenset[str]:
    return frozenset(key.split())


def fits(payer: str, customer: str) -> bool:
    """Both are name keys: the same words, or at least a given name and a surname of the customer's."""
    if not payer or not customer:
        return False
    if payer == customer:
        return True
    wanted = _words(customer)
    common = _words(payer) & wanted
    if common == wanted:
        return len(wanted) > 1 or len(customer) > 3
    if len(common) < 2:
        return False
    # of a surname of two parts both must be there: which of them is the last word is not known here
    rest = wanted - common
    return any(_is_surname(word) for word in common) and bool(common & GIVEN) and rest <= GIVEN


def _is_surname(word: str) -> bool:
    return len(word) > 2 and word.isalpha() and word not in GIVEN and word not in _COMMON


def parts(key: str) -> tuple[str, ...]:
    """Name keys of all choices of fewer words of a name of two to five words; of a longer one, which may hold two
    people, all choices of two and three words."""
    return tuple(key.split(" ")) if key.count(" ") == 1 else _parts(key)


@lru_cache(maxsize=4096)
def _parts(key: str) -> tuple[str, ...]:
    words = key.split()
    if not 2 < len(words) <= _MOST_WORDS:
        return ()
    sizes = range(1, len(words)) if len(words) <= _FEW_WORDS else (2, 3)
    return tuple(" ".join(chosen) for size in sizes for chosen in combinations(words, size))


@lru_cache(maxsize=4096)
def pairs(text: str) -> tuple[str, ...]:
    """Name keys of each two neighbouring words of a plain text, one of them a given name."""
    words = _WORD.findall(text)
    if len(words) < 2 or GIVEN.isdisjoint(words):
        return ()
    return tuple(
        f"{one} {two}" if one < two else f"{two} {one}"
        for one, two in zip(words, words[1:], strict=False)
        if (one in GIVEN) != (two in GIVEN)
    )


@lru_cache(maxsize=4096)
def word_pairs(key: str) -> tuple[tuple[str, str], ...]:
    """Each two of the first six words of a name key."""
    return tuple(combinations(key.split()[:6], 2))


class LongNames:
    """Names of three and more words by each two of them: they hold shorter names of other people."""

    def __init__(self, names: Mapping[str, Sequence[int]]):
        self._by_pair: dict[tuple[str, str], set[int]] = {}
        for key in [key for key in names if key.count(" ") > 1]:
            for pair in combinations(key.split(), 2):
                self._by_pair.setdefault(pair, set()).update(names[key])

    def sharing_two_words(self, key: str) -> set[int]:
        """Customers of long names that share two words with this name."""
        return {account for pair in word_pairs(key) for account in self._by_pair.get(pair, ())}
