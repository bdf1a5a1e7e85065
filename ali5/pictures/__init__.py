"""From bytes to numbers: opening, preparing, changing and drawing pictures. No torch at import."""
