"""Group: which of many pictures are alike to a network, and what does it add to their pixels?"""

from ali5.site.app.classify.group.page import show_page

show_page()
