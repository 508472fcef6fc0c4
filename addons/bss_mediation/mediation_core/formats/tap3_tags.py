"""Tags of the fields of TAP 3.12 that are read: application class, numbers as published; names are this project's own."""

from __future__ import annotations

from .ber import tag_octets


def _group(number: int) -> int:
    return tag_octets(1, number, constructed=True)


def _value(number: int) -> int:
    return tag_octets(1, number)


# File
BATCH, NOTIFICATION, CONTROL, EVENTS, ACCOUNTING, NETWORK, AUDIT = (_group(n) for n in (1, 2, 4, 3, 5, 6, 15))
SENDER, RECIPIENT, FILE_SEQUENCE, VERSION, RELEASE, FILE_TYPE = (_value(n) for n in (196, 182, 109, 201, 189, 110))
CREATED = _group(108)
LOCAL_CURRENCY, TAP_CURRENCY, DECIMALS = _value(135), _value(210), _value(244)
CONVERSIONS, CONVERSION, RATE_CODE, RATE_PLACES, RATE = _group(80), _group(106), _value(105), _value(159), _value(104)
OFFSETS, OFFSET_ENTRY, OFFSET_CODE, OFFSET = _group(234), _group(233), _value(232), _value(231)
ENTITIES, ENTITY_CODE, ENTITY_ID = _group(188), _value(184), _value(400)
EARLIEST, LATEST = _group(101), _group(133)
TOTAL_CHARGE, TOTAL_REFUND, EVENT_COUNT = _value(415), _value(355), _value(43)

# Events
MO_CALL, MT_CALL, SUPPLEMENTARY, MESSAGE_CENTRE, DATA = (_group(n) for n in (9, 10, 11, 12, 14))
CONTENT, LOCATION, MESSAGING, SESSION = (_group(n) for n in (17, 297, 433, 434))

# Parts of events
IMSI, MSISDN, MDN = _value(129), _value(152), _value(253)
LOCAL_STAMP, DURATION = _value(16), _value(223)
START, CHARGING_STAMP, IMS_START = _group(44), _group(74), _group(447)
CALL_REFERENCE, SERVING_NETWORK, TELESERVICE = _value(45), _value(195), _value(218)
CHARGE_DETAIL, CHARGE_TYPE, CHARGE, CAMEL_FEE = _group(63), _value(71), _value(62), _value(422)

# Calls
CALLED, MESSAGE_DESTINATION, CALLING, MESSAGE_ORIGINATOR = _value(407), _value(419), _value(405), _value(425)

# Supplementary services and message centre
SUPPLEMENTARY_CODE = _value(209)
CHARGED_PARTY_STATUS, OTHER_NUMBER = _value(67), _value(402)
DEPOSITED, COMPLETED = _group(88), _group(76)

# Data
APN, CHARGING_ID, VOLUME_IN, VOLUME_OUT = _value(261), _value(72), _value(250), _value(251)

# Content
ORDERED, REQUESTED, DELIVERED, CONTENT_DURATION = _group(300), _group(301), _group(302), _value(416)
PARTY_VALUE, PLACE_VALUE = _value(287), _value(289)
CONTENT_ITEM, CONTENT_CODE, CONTENT_ID, REFUND_INDICATOR = _group(352), _value(336), _value(341), _value(344)

# Location service: who asks, and who is looked for
CUSTOMER_VALUE, TRACKED = _value(364), _group(367)

# Messaging and sessions over IMS
EVENT_REFERENCE, OTHER_PARTY_NUMBER, REQUESTED_PARTY, REQUESTED_NUMBER = (
    _value(435),
    _value(444),
    _group(450),
    _value(451),
)
