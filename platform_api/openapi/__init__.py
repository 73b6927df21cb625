"""The OpenAPI document: each operation with an example, and with every status that it may answer with."""
