"""Benchmarks: `run.py --mode bench NAME`. Every module with a `main` is one; each prints what it measured."""
