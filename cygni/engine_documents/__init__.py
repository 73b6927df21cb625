"""The JSON documents that the Pulumi engine writes, of any project and language: previews and states, read for what
they say of resources. Nothing here asks the engine or a cloud."""
