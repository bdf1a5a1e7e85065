"""The lab of learning: LeNet-5 is trained while one watches."""
