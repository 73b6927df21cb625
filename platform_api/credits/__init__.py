"""Credits: what was paid before or given, and pays invoices before tax."""
