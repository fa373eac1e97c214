"""Measurements that print tables: `python -m bench` runs them all, `python -m bench engine` one of them.

Every figure is a median taken in this run on this machine. Nothing else should run meanwhile.
"""
