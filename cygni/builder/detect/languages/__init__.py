"""One module or folder per language. Each has `look(tree)`, which answers a draft or None, and may have
`name_of(tree)`, the project's name in its manifest."""
