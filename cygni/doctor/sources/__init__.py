"""Where facts come from that this machine, AWS and the internet can tell."""
