"""The views of version 2: parse, check access, one call, answer."""
