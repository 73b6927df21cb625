"""AWS's bulk price list, read into rows of the price book (pure; cygni.targets.price_list fetches it).

`rules` declares which rows of an offer are which price, `offers` has one table per offer, `offer_file` reads the CSV
file of an offer as a stream, `matching` puts the two together, `synchronising` says what becomes of the book.
"""
