"""Images of the local cloud: bundles, each a folder with a start command, known by the digest of its content.

- `context.py` which files of a folder belong to a bundle, and their digest
- `names.py`   what names an image, as Docker reads references (pure)
- `start.py`   a start command as it is written (pure)
- `store.py`   keeps bundles and the names they have
"""
