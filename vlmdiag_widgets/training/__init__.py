"""Scripts that make the shipped assets: the animal pictures and the demo encoder."""
