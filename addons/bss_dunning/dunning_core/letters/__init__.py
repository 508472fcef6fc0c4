"""Texts and addresses of letters: plain data, no words of its own."""
