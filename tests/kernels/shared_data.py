"""Sample files whose licences keep them out of this repository: ``../shared/data`` beside the clone, if it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def shared(*parts: str) -> Path:
    """Path of a sample; the test is skipped, with the place named, where the samples are not."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no sample data at ../shared/data/{'/'.join(parts)}")
    return path
