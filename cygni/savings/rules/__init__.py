"""The rules, a module for each kind of thing that costs."""
