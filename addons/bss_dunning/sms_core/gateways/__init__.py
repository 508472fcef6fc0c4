"""Protocols of operators, by the code under which a gateway is kept."""

from . import serwersms, smsapi
from .base import GATEWAY_FAULTS, Answer, Call, Enquiry, Message, News, Options, Outcome, Provider, Report, ReportNames

PROVIDERS: dict[str, Provider] = {"smsapi": smsapi.PROVIDER, "serwersms": serwersms.PROVIDER}
