"""The site: where its code is found, and how it is served.

The folders `app` and `pages` are packages of this one, `ali5.site.app` and `ali5.site.pages`, in
the checkout as in the installed wheel: in the process of somebody who calls `ali5.explore` the
names `app` and `pages` stay free for their own code.
"""

from __future__ import annotations

from ali5.paths import SITE

__path__.append(str(SITE))
