"""Final layer: how do feature maps become an answer, and why this one?"""

from ali5.site.app.labs.final_layer.page import show_page

show_page()
