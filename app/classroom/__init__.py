"""The page of a class: how learners get here, and what their teacher can do."""
