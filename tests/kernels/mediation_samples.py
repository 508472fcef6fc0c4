"""Small files of every format, good and bad rows, for the laws that all formats keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mediation_core import NumberingProfile, SourceProfile

DATA = Path(__file__).parents[1] / "data/cdr"
AMERICA = SourceProfile(timezone="UTC", numbering=NumberingProfile("1", 10, "011"))
# Numbers of the samples are of many plans: every run of digits is a number.
ANY_NUMBER = SourceProfile(timezone="UTC", numbering=NumberingProfile("", 4, "00", short_length=15))


@dataclass(frozen=True)
class Sample:
    data: bytes
    profile: SourceProfile = field(default_factory=SourceProfile)
    pattern: bytes = b"x"  # what a file of one endless line is made of
    head: bytes = b""  # and what stands before it
    cut_refuses: bool = False  # a part of the file is no file


FREESWITCH = b"""\
"Jan","501000001","221234567","default","2026-10-14 17:58:20","2026-10-14 17:58:30","2026-10-14 18:02:30","250","240",\
"NORMAL_CLEARING","d80e22e0-4c15-11ea-97a0-9dd79410affb","", "ACME"
"Ewa","501000002","00493012345678","default","2026-10-14 17:58:20","","2026-10-14 17:58:30","10","0",\
"NO_USER_RESPONSE","d80e22e0-4c15-11ea-97a0-9dd79410aff1","", ""
"Ala "X" Nowak","501000003","221234567","default","2026-10-14 17:58:20","2026-10-14 17:58:30","2026-10-14 18:02:30",\
"250","240","NORMAL_CLEARING","d80e22e0-4c15-11ea-97a0-9dd79410aff2","", ""
"Ola, Ela","501000004","112","default","2026-10-14 17:58:20","2026-10-14 17:58:20","2026-10-14 17:58:20",0,0,\
"MANAGER_REQUEST","d80e22e0-4c15-11ea-97a0-9dd79410aff3","", ""
Outbound Call,1002,&,default,2020/2/10 22:41,2020/2/10 22:41,2020/2/10 22:41,11,9,NORMAL_CLEARING,d80e22e1,,1002
"""

ASTERISK_CUSTOM_ROW = (
    '"""Ewa"" <501000001>","501000001","221234567","default","PJSIP/a-00000002","PJSIP/b-00000003","Dial","PJSIP/b",'
    '"2026-07-26 01:51:32","2026-07-26 01:51:50","2026-07-26 01:52:04","31","13","ANSWERED","DOCUMENTATION","ACME",'
    '"1785023492.2","",2'
)
ASTERISK_CUSTOM = "\n".join(
    [
        ASTERISK_CUSTOM_ROW,
        ASTERISK_CUSTOM_ROW.replace("ANSWERED", "BUSY"),
        ASTERISK_CUSTOM_ROW.replace('"13"', '"x"'),
        ASTERISK_CUSTOM_ROW.replace('"",2', '"",3'),
        "a,b",
        '"',
    ]
).encode()

SAMPLES: dict[str, Sample] = {
    "asterisk_csv": Sample((DATA / "asterisk/smallcdr.csv").read_bytes(), AMERICA),
    "asterisk_custom": Sample(ASTERISK_CUSTOM),
    "freeswitch_csv": Sample(FREESWITCH),
}
