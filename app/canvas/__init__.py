"""The browser components: plain JavaScript modules without a build step, and what they are sent.

A component is a `.js` file, with a `.css` file of the same name if it needs one, in the room of its
feature. It imports what it uses; `shared.js` and its style are part of every component.
"""
