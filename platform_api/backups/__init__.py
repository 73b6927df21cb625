"""A control plane in one file, and back: `python -m platform_api.backups`."""
