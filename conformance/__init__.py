"""Whether the local provider treats resources as AWS's official provider does, asked of that provider itself."""
