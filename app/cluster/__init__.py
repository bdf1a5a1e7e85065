"""The engine in processes of its own, on one machine or many: what Ray Serve runs.

Ray is an extra, `ali5[ray]`, and only `driver`, `replica` and `deploy` import it.
"""
