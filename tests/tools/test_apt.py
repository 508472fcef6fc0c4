"""Reading the system's own package sources."""

from bss_cli.apt import Entry, parse_deb822, parse_one_line

DEB822 = """\
# the archive
Types: deb
# snapshot
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb-src
URIs: http://mirror.example/debian
Suites: bookworm

Enabled: no
Types: deb
URIs: http://other.example/debian
Suites: sid
"""


def test_deb822_entries_with_their_key() -> None:
    assert parse_deb822(DEB822) == [Entry("http://mirror.example/debian", "/usr/share/keyrings/archive.gpg")]


def test_one_line_entries() -> None:
    text = """\
# deb http://old.example/debian sid main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian trixie main
deb-src http://mirror.example/debian trixie main
deb http://plain.example/debian trixie main
"""
    assert parse_one_line(text) == [
        Entry("http://mirror.example/debian", "/k.gpg"),
        Entry("http://plain.example/debian", ""),
    ]
