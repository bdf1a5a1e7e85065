"""What if: what becomes of the answer when the network or the picture is changed?"""

from ali5.site.app.classify.what_if.page import show_page

show_page()
