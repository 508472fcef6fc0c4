from . import dialer, portal, sms
