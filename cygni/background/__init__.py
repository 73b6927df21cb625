"""Servers that a command starts and that outlive it: the local cloud, the control plane. One for each folder."""
