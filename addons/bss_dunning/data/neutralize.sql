-- a copy of the database must not write to real customers
UPDATE bss_sms_gateway SET active = false, token = NULL, callback_secret = NULL;
UPDATE bss_dunning_dialer_token SET active = false, digest = NULL;
UPDATE res_company SET bss_nbp_import = false;
