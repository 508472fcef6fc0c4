-- forget how to log in to KSeF, and never aim at the production environment
UPDATE res_company
   SET bss_ksef_enabled = false,
       bss_ksef_auto_send = false,
       bss_ksef_environment = 'test',
       bss_ksef_base_url = NULL,
       bss_ksef_qr_base_url = 'https://qr-test.ksef.mf.gov.pl',
       bss_ksef_certificate = NULL,
       bss_ksef_key = NULL,
       bss_ksef_key_password = NULL,
       bss_ksef_token = NULL,
       bss_ksef_attachment_consent = false,
       bss_ksef_attachment_until = NULL;
DELETE FROM bss_ksef_access;
DELETE FROM bss_ksef_setup;
UPDATE bss_ksef_session SET upload_key = NULL, upload_vector = NULL, upload_slots = NULL;
