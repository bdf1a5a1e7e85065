"""What stands between the network and Streamlit: small layers of ASGI.

Each takes the next application and is one itself; `ali5.site.building` names them from the outside
in. They know nothing of Streamlit but the address that it takes uploads at.
"""
