"""Operators of text messages over HTTP: strict about what they accept, with faults on demand."""

from .operator import Sent
from .serwersms import SerwerSmsSimulator
from .smsapi import SmsApiSimulator

__all__ = ["Sent", "SerwerSmsSimulator", "SmsApiSimulator"]
