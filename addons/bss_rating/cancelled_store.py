"""SQL of usage charges that a person cancelled: whether they may come back (see ``charge_store``)."""


def difference_of(cr, charge_id):
    """What is still to be charged (1e-4) of the group of a charge, of the differences collected before."""
    cr.execute(
        """
        SELECT COALESCE(sum(grouped.e4), 0)::bigint
          FROM bss_charge charge
          JOIN bss_charge_difference grouped USING (account_id, service_id, zone_id, usage_kind, date_start)
         WHERE charge.id = %s
        """,
        (charge_id,),
    )
    return cr.fetchone()[0]


def note_recharged(cr, run_id):
    """Cancelled charges of the groups that were charged in full just now no longer say what is to stay out of billing.

    Of the differences collected before.
    """
    cr.execute(
        """
        UPDATE bss_charge charge SET is_recharged = TRUE
          FROM bss_charge_difference grouped
         WHERE charge.rating_run_id = %s AND charge.account_id = grouped.account_id
           AND charge.service_id = grouped.service_id AND charge.zone_id = grouped.zone_id
           AND charge.usage_kind = grouped.usage_kind AND charge.date_start = grouped.date_start
           AND charge.state = 'cancelled' AND charge.is_recharged IS NOT TRUE
        """,
        (run_id,),
    )
