-- a copy of the database must not switch real subscribers on or off
UPDATE bss_provisioning_adapter SET kind = 'manual', token = NULL, url = NULL, user_id = NULL;
