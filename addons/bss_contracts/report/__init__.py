from . import invoice_data, typst_engine
