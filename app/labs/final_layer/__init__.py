"""The lab of the final layer: flatten, weigh, softmax."""
