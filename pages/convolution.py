"""Convolution: what does a window that moves over a picture give?"""

from ali5.site.app.labs.convolution.page import show_page

show_page()
