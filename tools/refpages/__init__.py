"""The tables inside the reference pages, each made from what the program itself reads. One module a page."""
