"""Adapters: the outside world behind the services' ports."""
