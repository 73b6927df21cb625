"""What Cygni costs in time and memory, against the bare engine and against Terraform: `make bench`."""
