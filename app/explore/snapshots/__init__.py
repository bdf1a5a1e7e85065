"""What training made of a step, snapshot by snapshot."""
