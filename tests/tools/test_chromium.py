"""What apt would install for the browser."""

from bss_cli.unpacked import missing_packages

SIMULATION = """\
Reading package lists... Done
Inst libnss3 (2:3.87.1-1+deb12u1 Debian-Security:12/stable-security [amd64])
Inst chromium (150.0.1-1~deb12u1 Debian-Security:12/stable-security [amd64])
Conf libnss3 (2:3.87.1-1+deb12u1 Debian-Security:12/stable-security [amd64])
"""


def test_names_and_versions_of_a_simulation() -> None:
    assert missing_packages(SIMULATION) == ["libnss3=2:3.87.1-1+deb12u1", "chromium=150.0.1-1~deb12u1"]


def test_nothing_offered() -> None:
    assert missing_packages("E: Unable to locate package chromium\n") == []
