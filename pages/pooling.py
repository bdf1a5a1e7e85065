"""Pooling: what is kept when a window becomes one number?"""

from ali5.site.app.labs.pooling.page import show_page

show_page()
