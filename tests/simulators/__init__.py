"""Local stand-ins for remote systems; each is a package of its own."""
