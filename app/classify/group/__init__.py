"""Which of many pictures are alike."""
