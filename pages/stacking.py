"""Stacking: what do layers see that stand on one another?"""

from ali5.site.app.labs.stacking.page import show_page

show_page()
