"""The registry behind the local cloud's ECR: images are pushed to it and pulled from it by ordinary tools, by the OCI
distribution specification 1.1.

- `requests.py`      which endpoint of the specification a request is for (pure)
- `problems.py`      what is answered where it cannot be done, in the specification's form
- `manifests.py`     what a manifest is and refers to (pure)
- `blobs.py`         uploads and blobs on the disk, by digest
- `repositories.py`  ECR's repositories, which keep manifests and tags
- `authorization.py` the tokens of GetAuthorizationToken
- `uploads.py`, `endpoints.py`  what each endpoint does
- `http.py`          serves it on a port of its own: bodies are streams here
- `section.py`       its place in the process of the local cloud, and in moto's ECR
"""
