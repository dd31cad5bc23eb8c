"""Sharing as the person meets it: joins the protocol with the store, the clock, the credential store and the network.

May import: share, store, system, settings, model, and the rest of engine. Importing it loads neither cryptography nor
httpx: they come with the first key or request.
"""
