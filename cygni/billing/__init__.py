"""What is used is measured, and what was measured is billed (pure; the control plane keeps what is counted here).

    exact          fractions, and how they are rounded
    meters         what may be measured, and how events of a meter become one quantity
    tallies        events that were counted together, and the quantity they are
    levels         quantities that hold until they change: gigabytes kept, averaged over time
    periods        from when to when an invoice goes, in a time zone, with months of 28 to 31 days
    prices         per unit, graduated, volume, package
    plans          what a plan charges for; versions of it never change
    entitlements   what a plan lets an organization have
    terms          a version of a plan as JSON
    subscriptions  which plan holds when, and trials
    rating         usage and plans give lines
    adjustments    what came late, or was corrected, as lines of a later invoice
    credits        grants, and in which order they are used
    invoices       lines, credits and tax give an invoice, and its bytes

Quantities and amounts are fractions until a line is rounded, once, half to even, to the currency's smallest unit: what
adds up differently in another order would be a cent that nobody can explain.
"""
