"""Plans: what the server charges for. A version never changes; who changes prices makes the next one."""
