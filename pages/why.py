"""Why: which part of the picture does an answer come from, and how far can that be trusted?"""

from ali5.site.app.classify.why.page import show_page

show_page()
