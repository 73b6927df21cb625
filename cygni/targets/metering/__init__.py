"""What AWS tells of an environment that is measured: by names and tags, so that no state of an engine is read. The
local cloud tells it alike."""
