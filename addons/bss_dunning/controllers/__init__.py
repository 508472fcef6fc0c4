from . import dialer, portal, sms, workbook
