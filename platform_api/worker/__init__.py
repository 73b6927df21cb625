"""The process that carries out deployments: `python -m platform_api.worker`."""
