from . import dialer, sms
