"""Operators: who runs the server, sets plans, subscribes organisations and gives credits."""
