"""A package, so that no other distribution's folder of this name comes first."""
