"""Why a network answers as it does: one method per file."""
