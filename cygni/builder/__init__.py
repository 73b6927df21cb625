"""From source to something that runs: what a folder holds, and what is built of it.

- `detect/` which language, framework and commands a folder has, told from its files
"""
