"""Print house: manifest of a batch, postage, acknowledgement files."""
