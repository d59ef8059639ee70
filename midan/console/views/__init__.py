"""Pages: each translates a request, calls one service or selector, and draws the answer."""
