"""Parts of the statement that compares the items of a bill run with earlier bills. ``mine`` is one of its items.

They are lateral, one small indexed look-up per item: the items were written a moment ago, the planner has no idea how
many they are, and joins of whole sets would become nested loops over all of them. ``OFFSET 0`` keeps it from looking up
the bills of one account by their run, which has a hundred thousand others.
"""

# bills of the same account (and group) for earlier periods, the last one first; bills of a single account at once or
# at its end compare with nothing
PAST = """
    SELECT bill.id, bill.amount_untaxed,
           ROW_NUMBER() OVER (ORDER BY run.date_start DESC, bill.id DESC) AS back
      FROM (SELECT * FROM bss_bill_run_item
             WHERE account_id = mine.account_id AND group_key = mine.group_key AND state = 'issued' OFFSET 0) bill
      JOIN bss_bill_run run ON run.id = bill.run_id
     WHERE run.id != %(run)s AND run.kind = 'cycle' AND run.date_start < %(start)s AND %(is_cycle)s
"""

# median of the last six bills; of an even number the middle of the two in the middle
USUAL = """
    SELECT ROUND((PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY amount_untaxed)
                  + PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY amount_untaxed DESC)) / 2, 2) AS median,
           MAX(amount_untaxed) FILTER (WHERE back = 1) AS previous
      FROM (%(past)s) past
     WHERE back <= 6
"""

# active services with usage on each of the last bills, three at most, and none now
SILENT = """
    SELECT STRING_AGG(service.name, ', ' ORDER BY service.name) AS services
      FROM (SELECT charge.service_id
              FROM (%(past)s) past
              JOIN bss_charge charge
                ON charge.bill_run_item_id = past.id AND charge.kind = 'usage' AND charge.state = 'billed'
             WHERE past.back <= 3
          GROUP BY 1
            HAVING COUNT(DISTINCT past.id) = (SELECT COUNT(*) FROM (%(past)s) past WHERE past.back <= 3)) used
      JOIN bss_service service ON service.id = used.service_id AND service.state = 'active'
     WHERE used.service_id NOT IN (
               SELECT charge.service_id FROM bss_charge charge
                WHERE charge.bill_run_item_id = mine.id AND charge.kind = 'usage' AND charge.state = 'pending'
                  AND charge.service_id IS NOT NULL)
"""

# gross of the claimed charges by the taxes of their products, VAT rounded per rate as on the invoice
EXPECTED = """
    SELECT SUM(net + ROUND(net * COALESCE(percent, 0) / 100, 2) + gross) AS gross
      FROM (SELECT rate.percent,
                   COALESCE(SUM(charge.amount) FILTER (WHERE charge.price_kind IS DISTINCT FROM 'gross'), 0) AS net,
                   COALESCE(SUM(charge.amount_gross) FILTER (WHERE charge.price_kind = 'gross'), 0) AS gross
              FROM bss_charge charge
         LEFT JOIN UNNEST(%(products)s::int[], %(percents)s::numeric[]) AS rate(product_id, percent)
                ON rate.product_id = charge.product_id
             WHERE charge.bill_run_item_id = mine.id AND charge.state = 'pending'
          GROUP BY 1) per_rate
"""

# the gravest deviation of an item; an account without charges deviates when it usually has some and was not
# billed for this period already
OUTLIER = """
    CASE WHEN mine.state = 'empty'
         THEN CASE WHEN usual.median > 0 AND NOT EXISTS (
                        SELECT FROM (SELECT run_id FROM bss_bill_run_item
                                      WHERE account_id = mine.account_id AND state = 'issued' OFFSET 0) bill
                          JOIN bss_bill_run run ON run.id = bill.run_id AND run.date_start >= %(start)s)
                   THEN 'zero' ELSE 'none' END
         WHEN mine.state NOT IN ('pending', 'held') THEN 'none'
         WHEN mine.amount_charges < 0 THEN 'negative'
         WHEN mine.amount_charges = 0 THEN 'zero'
         WHEN silent.services IS NOT NULL THEN 'missing_usage'
         WHEN usual.median > 0 AND mine.amount_charges > usual.median * %(high)s THEN 'high'
         WHEN usual.median > 0 AND mine.amount_charges < usual.median / %(low)s THEN 'low'
         WHEN %(compares)s AND usual.median IS NULL AND NOT EXISTS (
                 SELECT FROM bss_bill_run_item bill
                  WHERE bill.account_id = mine.account_id AND bill.state = 'issued') THEN 'new'
         ELSE 'none' END
"""
