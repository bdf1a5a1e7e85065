"""Class: how do learners get here?"""

from ali5.site.app.classroom.page import show_page

show_page()
