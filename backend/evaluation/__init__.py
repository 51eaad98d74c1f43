"""Accuracy of the product against labelled data: one module for each `--mode evaluate NAME`."""
