"""Learning: how do random weights become a network that reads digits?"""

from ali5.site.app.labs.learning.page import show_page

show_page()
