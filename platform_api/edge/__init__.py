"""What every request passes before a route gets it, and every answer on its way out."""
