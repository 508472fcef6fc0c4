"""Virtual account numbers are given once and for ever: PostgreSQL itself refuses to change or to delete them."""


def make_guard(cr):
    """A trigger on the table; whoever writes past Odoo is refused as well."""
    cr.execute(
        """
        CREATE OR REPLACE FUNCTION bss_virtual_account_is_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND (OLD.nrb, OLD.account_id, OLD.pool_id) = (NEW.nrb, NEW.account_id, NEW.pool_id) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'A virtual account is given once and for ever; it is neither changed nor deleted.'
                USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE OR REPLACE TRIGGER bss_virtual_account_kept BEFORE UPDATE OR DELETE ON bss_virtual_account
            FOR EACH ROW EXECUTE FUNCTION bss_virtual_account_is_for_ever();
        CREATE OR REPLACE TRIGGER bss_virtual_account_kept_all BEFORE TRUNCATE ON bss_virtual_account
            FOR EACH STATEMENT EXECUTE FUNCTION bss_virtual_account_is_for_ever();
        """
    )


def drop_guard(cr):
    """When the addon goes its table goes too; the function is no part of it."""
    cr.execute("DROP FUNCTION IF EXISTS bss_virtual_account_is_for_ever() CASCADE")
