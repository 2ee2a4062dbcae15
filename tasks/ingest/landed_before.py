"""Landed files of earlier runs: a file that is read by the same contract and code is not read again (decision 0090)."""

from __future__ import annotations

from pydantic import ValidationError

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.models import Frozen, LandedFile, SourceRef
from tasks.source_digest import reading_digest


class _Kept(Frozen):
    made_by: str
    file: LandedFile


class LandedBefore:
    """What ingest made of files, in the artifact store, by source and contract."""

    def __init__(self, contract: Contract, store: ArtifactStore) -> None:
        self._contract_digest = contract.digest()
        self._store = store

    def get(self, source: SourceRef) -> LandedFile | None:
        """What was made of a file, if everything it is made of is as it was, and what was made is still there."""
        try:
            kept = _Kept.model_validate_json(self._store.note(self._name(source)) or b"")
        except ValidationError:
            return None
        refs = (kept.file.landed, kept.file.dead_letters, kept.file.miscast)
        is_whole = all(self._store.has(ref) for ref in refs if ref is not None)
        return kept.file if is_whole and kept.made_by == reading_digest() else None

    def keep(self, file: LandedFile) -> LandedFile:
        """Remember what was made of a file. One that is dead as a whole is tried again each time."""
        if file.landed is not None:
            kept = _Kept(made_by=reading_digest(), file=file)
            self._store.put_note(self._name(file.source), kept.model_dump_json())
        return file

    def _name(self, source: SourceRef) -> str:
        return f"landed {self._contract_digest} {source.model_dump_json()}"
