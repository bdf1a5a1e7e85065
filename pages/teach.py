"""Teach it yours: can a network learn to tell your own groups of pictures apart?"""

from ali5.site.app.classify.teach.page import show_page

show_page()
