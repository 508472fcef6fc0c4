-- a copy of the database must not write to real customers
UPDATE bss_sms_gateway SET active = false, token = NULL, callback_secret = NULL;
