"""A Dockerfile for what was detected (pure but for reading manifests).

- `recipe.py`     what the image of a program is made of
- `languages/`    a recipe for each language
- `versions.py`   tags of images by the version that a project asks for
- `own_steps.py`  the steps of cygni.yaml in a recipe
- `secrets.py`    how steps use the secrets of a build
- `bases.py`      which image one ends on
- `text.py`       the Dockerfile of a recipe
- `generation.py` which language, and what is said where there is no recipe
"""
