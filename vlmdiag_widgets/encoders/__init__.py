"""Images and texts → vectors of one space."""

from vlmdiag_widgets.encoders.encoder import Encoder
from vlmdiag_widgets.encoders.load import load_encoder
from vlmdiag_widgets.encoders.vectors import unit
from vlmdiag_widgets.encoders.vision import Head, VisionEncoder

__all__ = ["Encoder", "Head", "VisionEncoder", "load_encoder", "unit"]
