"""Many pictures: bringing, classifying and showing them."""
