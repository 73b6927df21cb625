"""What Cygni measures by itself: written where it happens, or by a worker that looks at what runs."""
