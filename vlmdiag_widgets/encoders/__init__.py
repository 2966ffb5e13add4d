"""Images and texts → vectors of one space."""

from vlmdiag_widgets.encoders.encoder import Encoder
from vlmdiag_widgets.encoders.load import load_encoder
from vlmdiag_widgets.encoders.vectors import unit

__all__ = ["Encoder", "load_encoder", "unit"]
