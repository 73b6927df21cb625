"""Images made from a Dockerfile by whichever tool the machine has.

- `sources.py`  what an image is made of, and its tag
- `base_lock.py` the digests of base images that a project keeps
- `revision.py` where the source came from
- `tools.py`    Docker, Podman and Buildah: their commands, and which of them works here
- `output.py`   what their output tells of steps and cache (pure)
- `failures.py` why a build or a push failed (pure)
- `building.py` runs a build
- `publishing.py` pushes an image, with a login that is gone then
- `inspection.py` SBOM, scan and signature, by Syft, Trivy and Cosign
"""
