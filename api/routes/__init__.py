"""Thin routes: parse, call, answer. Each module makes its router from the ports."""
