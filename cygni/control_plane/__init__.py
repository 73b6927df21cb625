"""The control plane as `cx` sees it: a server to start and end, and an API to ask. Nothing here imports it."""
