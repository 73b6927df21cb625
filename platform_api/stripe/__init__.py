"""Stripe, downstream of Cygni: it collects what Cygni has billed, and shows usage to those who look for it there.

Nothing of Cygni depends on it. Without a key of Stripe no module but `settings` is used, and no request goes out.
"""
