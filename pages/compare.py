"""Compare: what do the landmark networks make of the same picture, and at what cost?"""

from ali5.site.app.classify.compare.page import show_page

show_page()
