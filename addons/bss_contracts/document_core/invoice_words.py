"""Words of an invoice that its content keeps; headings that only the layout needs are in its template."""

WORDS = {
    "pl": {
        "invoice": "Faktura VAT",
        "correction": "Faktura korygująca",
        "rising": "Faktura korygująca",
        "draft": "Projekt faktury",
        "watermark": "PROJEKT",
        "issued": "Data wystawienia",
        "sold": "Data sprzedaży",
        "period": "Okres rozliczeniowy",
        "due": "Termin płatności",
        "account": "Numer klienta",
        "contract": "Umowa",
        "way": "Sposób zapłaty",
        "reseller": "Partner handlowy",
        "transfer": "przelew",
        "cash": "gotówka",
        "pay_transfer": "Płatność przelewem",
        "pay_cash": "Płatność gotówką",
        "text_cash": "Zapłata w kasie lub przelewem na poniższy rachunek.",
        "pay_settled": "Rozliczono nadpłatą",
        "text_settled": "Faktura jest w całości rozliczona nadpłatą. Nie trzeba nic płacić.",
        "invoice_amount": "Kwota faktury",
        "overpaid": "Rozliczona nadpłata",
        "to_pay": "Do zapłaty z tej faktury",
        "overdue": "Zaległości w dniu wystawienia",
        "with_overdue": "Razem z zaległościami",
        "service_unit": "usł.",
        "goods_unit": "szt.",
    },
    "en": {
        "invoice": "Invoice",
        "correction": "Credit note",
        "rising": "Corrective invoice",
        "draft": "Draft invoice",
        "watermark": "DRAFT",
        "issued": "Date of issue",
        "sold": "Date of supply",
        "period": "Billing period",
        "due": "Payment due",
        "account": "Customer number",
        "contract": "Contract",
        "way": "Payment method",
        "reseller": "Sales partner",
        "transfer": "bank transfer",
        "cash": "cash",
        "pay_transfer": "Payment by transfer",
        "pay_cash": "Payment in cash",
        "text_cash": "Pay at the cash desk or by transfer to the account below.",
        "pay_settled": "Settled by your credit",
        "text_settled": "Your credit balance settles this invoice in full. There is nothing to pay.",
        "invoice_amount": "Amount of the invoice",
        "overpaid": "Credit balance used",
        "to_pay": "Due for this invoice",
        "overdue": "Overdue on the day of issue",
        "with_overdue": "Total with overdue",
        "service_unit": "serv.",
        "goods_unit": "pcs",
    },
}


def document_language(country: str, lang: str) -> str:
    """Polish, unless the customer is abroad and reads another language.

    :param country: ISO code of the customer's country, "" when unknown
    :param lang: code of his language, like ``en_US``
    """
    abroad = country not in ("", "PL")
    return "en" if abroad and not lang.startswith("pl") else "pl"
