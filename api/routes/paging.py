"""How lists are paged: by cursor, 1 to 200 a page, in an order that each list states."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

MOST = 200

Limit = Annotated[int, Query(ge=1, le=MOST, description="Lines a page.", examples=[50])]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before.", examples=["1048579"])]
