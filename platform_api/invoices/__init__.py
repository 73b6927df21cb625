"""Invoices: what an organisation is billed, from a draft to what is paid."""
