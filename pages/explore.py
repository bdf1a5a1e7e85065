"""Explore: what does every layer of a network make of this picture?"""

from ali5.site.app.explore.page import show_page

show_page()
