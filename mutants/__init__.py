"""Does the suite notice? Guards of the control plane are broken on purpose, one at a time, and its tests are run."""
