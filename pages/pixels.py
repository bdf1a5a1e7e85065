"""A picture is numbers: which ones, what becomes of them, and what they cost."""

from ali5.site.app.labs.pixels.page import show_page

show_page()
