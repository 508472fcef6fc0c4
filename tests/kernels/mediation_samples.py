"""Small files of every format, good and bad rows, for the laws that all formats keep."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mediation_core import NumberingProfile, SourceProfile, from_dict

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

CUCM_NAMES = (
    '"cdrRecordType","globalCallID_callManagerId","globalCallID_callId","origLegCallIdentifier","dateTimeOrigination",'
    '"origNodeId","callingPartyNumber","callingPartyUnicodeLoginUserID","destLegCallIdentifier","originalCalledPartyNumber",'
    '"finalCalledPartyNumber","dateTimeConnect","dateTimeDisconnect","lastRedirectDn","pkid","duration","globalCallId_ClusterID"'
)
CUCM_TYPES = (
    "INTEGER,INTEGER,INTEGER,INTEGER,INTEGER,INTEGER,VARCHAR(50),VARCHAR(128),INTEGER,VARCHAR(50),VARCHAR(50),INTEGER,"
    "INTEGER,VARCHAR(50),UNIQUEIDENTIFIER,INTEGER,VARCHAR(50)"
)
# 1791993500 is 2026-10-14 15:58:20 UTC.
CUCM = "\n".join(
    [
        CUCM_NAMES,
        CUCM_TYPES,
        '1,1,5001,111,1791993500,1,"501000001","ewa",222,"221234567","221234567",1791993510,1791993750,"221234567",'
        '"0A1B2C3D-0001",240,"CL1"',
        '1,1,5002,113,1791993500,1,"501000001","",224,"221234567","221234567",0,1791993520,"","0A1B2C3D-0002",0,"CL1"',
        '1,1,5003,115,1791993500,1,"601000009","",226,"501000002","00493012345678",1791993510,1791993570,"501000002",'
        '"0A1B2C3D-0003",60,"CL1"',
        '1,1,5004,117,1791993500,1,"501000001","",228,"221234567","221234567",1791993510,1791993750,"","",240,"CL1"',
        '1,1,5005,119,1791993500,1,"501000001","",230,"221234567","221234567",0,1791993750,"","0A1B2C3D-0005",240,"CL1"',
        '2,1,5005,119,1791993500,1,"501000001","",230,"221234567","221234567",0,1791993750,"","0A1B2C3D-0006",240,"CL1"',
        "1,1,5006",
        '1,1,5007,119,"',
        "",
    ]
).encode()

_JSON_BODY = (DATA / "freeswitch/mod_json_cdr_body.json").read_bytes()
_JSON_LINE = (
    '{"variables":{"uuid":"u-%d","caller_id_number":"%%2B48501000001","destination_number":"22%%201234567",'
    '"start_epoch":"1791993500","answer_epoch":"%s","billsec":"%s","duration":"250","accountcode":"50%%25"}}\n'
)
FREESWITCH_JSON = (
    b"[\n  "
    + _JSON_BODY
    + b",\n"
    + "".join(
        _JSON_LINE % values for values in [(1, "1791993510", "240"), (2, "0", "0"), (3, "1791993510", "x"), (4, "", "")]
    ).encode()
    + b'{"variables": {"uuid": "u-5\n{"broken"}\n{"a": 1}\nrubbish\n'
    + (_JSON_LINE % (6, "1791993510", "1")).encode()
    + b"]\n"
)


def broadworks_line(**values: str) -> str:
    """A record of 146 columns, given columns by their number in the vendor's list (``c9`` is calledNumber)."""
    fields = [""] * 146
    for name, value in values.items():
        fields[int(name[1:]) - 1] = value.replace("\\", "\\\\").replace(",", "\\,")
    return ",".join(fields)


BROADWORKS_CALL = {
    "c1": "00021833850001B020160419210005.2471+020000",
    "c2": "MBC, Sp. z o.o.",
    "c3": "Normal",
    "c4": "+48221110001",
    "c6": "Originating",
    "c7": "+48221110001",
    "c9": "501234567",
    "c10": "20261014155820.247",
    "c12": "Yes",
    "c13": "20261014155830.000",
    "c14": "20261014160230.001",
    "c15": "016",
    "c25": "BW155820",
    "c34": "ACME",
    "c42": "y",
}
BROADWORKS = "\n".join(
    [
        "version=22.0 encoding=UTF-8",
        "0002183384,,Start",
        broadworks_line(**BROADWORKS_CALL),
        broadworks_line(**BROADWORKS_CALL | {"c1": "2", "c6": "Terminating", "c4": "+48501234567"}),
        broadworks_line(**BROADWORKS_CALL | {"c1": "3", "c7": "+48601000001"}),
        broadworks_line(**BROADWORKS_CALL | {"c1": "4", "c12": "No", "c13": ""}),
        broadworks_line(**BROADWORKS_CALL | {"c1": "5", "c42": "n"}),
        broadworks_line(**BROADWORKS_CALL | {"c1": "6", "c14": "20261014155829.000"}),
        broadworks_line(**BROADWORKS_CALL | {"c1": "", "c146": "+48221110099"}),
        "a,b",
        "ends with an escape\\",
        "",
    ]
).encode()


def sbc_line(width: int = 175, **values: str) -> str:
    """A Stop record; given columns by their place from 0 (``i9`` is Calling-Station-Id), texts in quotes."""
    fields = ['""'] * width
    call = {
        "i0": "2",
        "i3": '"0SCsotd-1"',
        "i9": "\"'EWA'<sip:+48501000001@10.0.0.1:5060;user=phone>;tag=SD1\"",
        "i10": '"<sip:0048221234567@10.0.0.2:5060;user=phone>"',
        "i12": "240",
        "i13": '"17:58:20.868 CEST OCT 14 2026"',
        "i14": '"17:58:30.000 CEST OCT 14 2026"',
        "i15": '"18:02:30.120 CEST OCT 14 2026"',
    }
    for name, value in (call | values).items():
        fields[int(name[1:])] = value
    return ",".join(fields)


SBC = "\n".join(
    [
        "1" + sbc_line()[1:],
        sbc_line(),
        sbc_line(269, i3='"0SCsotd-2"', i9='""EWA"<sip:501000001@10.0.0.1>"'),
        sbc_line(i3='"0SCsotd-3"', i14='""', i12="0"),
        sbc_line(176, i3='"0SCsotd-4"'),
        sbc_line(i3='"0SCsotd-5"', i12="-1"),
        sbc_line(i3='"0SCsotd-6"', i14='"soon"'),
        "7,x",
        '2,"',
    ]
).encode()


# The first 23 columns are the same in both forms; the example of the detailed one is public, its numbers are changed.
IOS_CALL = (
    '{at},{call},0,{leg},"80CD1398 50739150 854F5801 AC117AEF","","","{setup}","","{connect}","{disconnect}","10",'
    '"normal call clearing (16)","{origin}",0,"",594,93528,1413,226080,"{clid}","{clid}","{dnis}"'
)
IOS_USUAL = {
    "at": "1791993750",
    "call": "788957",
    "leg": "2",
    "setup": "17:58:20.169 CEST Wed Oct 14 2026",
    "connect": "17:58:30.829 CEST Wed Oct 14 2026",
    "disconnect": "18:02:30.849 CEST Wed Oct 14 2026",
    "origin": "answer",
    "clid": "501000001",
    "dnis": "00493012345678",
}


def ios_line(
    *, detailed: bool = False, feature: str = "TWC", places: dict[int, str] | None = None, **values: str
) -> str:
    """A compact record of 31 columns, or a detailed one of 130; ``places`` are columns of the detailed form by number from 0."""
    head = IOS_CALL.format(**IOS_USUAL | values)
    tail = [
        f'"{feature}"',
        '"10/14/2026 17:58:20.168"',
        '"501000001"',
        '"00493012345678"',
        "0",
        "700847",
        "80CD1398",
        "C09DD",
    ]
    if not detailed:
        return ",".join([head, *tail])
    between = ['""'] * (112 - 23)
    for place, value in (places or {}).items():
        between[place - 23] = f'"{value}"'
    return ",".join([head, *between, *tail, *['""'] * 10])


IOS = "\n".join(
    [
        ios_line(),
        ios_line(detailed=True, call="788958", setup="*17:58:20.169 UTC Wed Oct 14 2026"),
        ios_line(origin="originate", call="788959"),
        ios_line(connect="", call="788960"),
        ios_line(feature="HOLD", call="788961"),
        ios_line(dnis="x", call="788962"),
        ios_line(disconnect="17:58:29.829 CEST Wed Oct 14 2026", call="788963"),
        ios_line(origin="both", call="788964"),
        ios_line(setup="soon", call="788965"),
        "1,2",
        '1,"',
    ]
).encode()


def mapped(data: dict[str, Any], profile: SourceProfile | None = None) -> SourceProfile:
    """A profile with a mapping given as plain data."""
    return dataclasses.replace(profile or SourceProfile(), mapping=from_dict(data))


DUTCH = SourceProfile(timezone="Europe/Amsterdam", numbering=NumberingProfile("31", 9, "00", "0", 7))
FIXED = mapped(
    {
        "kind": "fixed",
        "record_type": {"source": "0:3", "detail": "CDR", "header": "HDR", "trailer": "TRL"},
        "columns": [
            {"target": "started_at", "source": "14:28", "layout": "%Y%m%d%H%M%S"},
            {"target": "a_number", "source": "30:49"},
            {"target": "b_number", "source": "52:80"},
            {"target": "duration_s", "source": "127:135", "unit": "hhmmsscc"},
            {"target": "cost_micro", "source": "203:211", "unit": "0.01"},
            {"target": "cost_currency", "constant": "EUR"},
        ],
        "controls": [
            {"kind": "sequence", "record": "header", "source": "135:141"},
            {"kind": "sequence", "record": "trailer", "source": "135:141"},
            {"kind": "rows", "record": "trailer", "source": "141:149"},
            {"kind": "units", "record": "trailer", "source": "149:161", "unit": "hhmmsscc"},
            {"kind": "amount", "record": "trailer", "source": "161:171", "unit": "0.01"},
        ],
    },
    DUTCH,
)
REPORT = mapped(
    {
        "columns": [
            {"target": "a_number", "source": "1"},
            {"target": "b_number", "source": "2"},
            {"target": "duration_s", "source": "5"},
            {"target": "started_at", "source": "7"},
        ],
        "filters": [{"source": "3", "value": "ANSWER", "action": "keep"}],
    },
    ANY_NUMBER,
)
CGRATES = mapped(
    {
        "delimiter": ";",
        "comment": "#",
        "key": ["1"],
        "columns": [
            {"target": "a_number", "source": "4"},
            {"target": "b_number", "source": "5", "pattern": "^0?([+0-9]+)$"},
            {"target": "started_at", "source": "6"},
            {"target": "duration_s", "source": "7"},
        ],
    },
    ANY_NUMBER,
)
XML_MAPPING = mapped(
    {
        "kind": "xml",
        "record": "broadWorksCDR/cdrData",
        "columns": [
            {"target": "a_number", "source": "basicModule/callingNumber"},
            {"target": "b_number", "source": "basicModule/calledNumber"},
            {"target": "started_at", "source": "basicModule/startTime", "layout": "%Y%m%d%H%M%S%.f"},
            {"target": "answered_at", "source": "basicModule/answerTime", "layout": "%Y%m%d%H%M%S%.f"},
            {"target": "ended_at", "source": "basicModule/releaseTime", "layout": "%Y%m%d%H%M%S%.f"},
        ],
        "filters": [{"source": "headerModule/type", "value": "Normal", "action": "keep"}],
    },
    ANY_NUMBER,
)
JSON_MAPPING = mapped(
    {
        "kind": "json",
        "columns": [
            {"target": "started_at", "source": "at", "layout": "epoch"},
            {"target": "a_number", "source": "a"},
            {"target": "b_number", "source": "b.0"},
            {"target": "duration_s", "source": "s"},
        ],
    }
)
JSON_LINES = b"""\
{"at": 1791993500, "a": "501000001", "b": ["221234567"], "s": 5}
{"at": 1791993500, "a": "501000001", "b": ["x"], "s": 5}
{"at": "soon", "a": "501000001", "b": ["221234567"], "s": 5}
{"at": 1791993500, "a": "501000002", "b": [
  "221234567"], "s": "7"}{"at": 1791993501, "a": "501000002", "b": ["221234567"], "s": "7"}
"""

SAMPLES: dict[str, Sample] = {
    "asterisk_csv": Sample((DATA / "asterisk/smallcdr.csv").read_bytes(), AMERICA),
    "asterisk_custom": Sample(ASTERISK_CUSTOM),
    "freeswitch_csv": Sample(FREESWITCH),
    "freeswitch_json": Sample(FREESWITCH_JSON, ANY_NUMBER, pattern=b'"a":"b",', head=b'{"variables":{'),
    "cisco_cucm": Sample(CUCM),
    "broadworks_csv": Sample(BROADWORKS),
    "broadworks_xml": Sample(
        (DATA / "broadworks/broadworks_cdr_v19.xml").read_bytes(),
        ANY_NUMBER,
        head=b"<broadWorksCDR><cdrData><a>",
        cut_refuses=True,
    ),
    "oracle_sbc": Sample(SBC),
    "cisco_ios": Sample(IOS),
    "generic_csv": Sample((DATA / "generic_csv/cgrates_fileContent2.csv").read_bytes() + b'a;b\n"\nx;;;;;;\n', CGRATES),
    "generic_fixed": Sample((DATA / "fixed_width/ddb_hdr_cdr_trl.fwv").read_bytes(), FIXED, cut_refuses=True),
    "generic_json": Sample(JSON_LINES, JSON_MAPPING, pattern=b"1,", head=b'{"a":['),
    "generic_xml": Sample(
        (DATA / "broadworks/broadworks_cdr_v19.xml").read_bytes(),
        XML_MAPPING,
        pattern=b"<a/>",
        head=b"<broadWorksCDR><cdrData>",
        cut_refuses=True,
    ),
}
