"""Measurements of the embedded encoders, and the model cards made from them.

    python -m vlmdiag_widgets.training.evaluation

measures every embedded encoder on pictures of new seeds, writes the figures into its ``card.json``
and renders ``docs/models``.
"""
