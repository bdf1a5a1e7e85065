"""What is known of networks before one is built: records, labels, cards, downloads. No torch."""
